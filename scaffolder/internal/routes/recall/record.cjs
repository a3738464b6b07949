// Lists the routes of an application by what it registers while it runs.
//
//	RECORD_ROOT=DIR [RECORD_AFTER=MS] [RECORD_LOOSE=1] node --require record.cjs START
//
// DIR is the application's own folder: routes that packages register, such as
// those of a page of documentation, are left out. After MS milliseconds (3,000),
// or when the program ends, the list is printed in the form of the files in
// lists, and the program is ended. With RECORD_LOOSE, routers that no application
// mounts count too, as they stand: for a start that only loads them.
// What cannot stand in a list (regular expressions, handlers for any method that
// only pass on) is printed as a comment.
"use strict";

const Module = require("node:module");
const path = require("node:path");
const fs = require("node:fs");

const root = fs.realpathSync(process.env.RECORD_ROOT || process.cwd()) + path.sep;
const packages = root + "node_modules" + path.sep;
const plumbing = /[\\/]node_modules[\\/](express|router|express-promise-router|express-async-errors|express-async-router|express-ws|fastify|fastify-plugin|avvio|@fastify[\\/]autoload|reusify|koa|koa-router|@koa[\\/]router|koa-mount|koa-route|koa-compose|koa-joi-router|methods|lodash|bluebird)[\\/]/;

const expressApps = [];
const expressRouters = [];
const koaApps = [];
const koaRouters = [];
const fastifyRoutes = [];
const data = new WeakMap(); // what is kept of a router
const kept = (router) => data.get(router) ?? data.set(router, []).get(router);

/** Where in the application a registration stands; empty when a package made it. */
function site() {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const lines = new Error().stack.split("\n").slice(1);
  Error.stackTraceLimit = limit;
  for (const line of lines) {
    const found = /(?:\(|at (?:async )?)(?:file:\/\/)?(\/[^()]*?):(\d+):\d+\)?$/.exec(line);
    if (!found || found[1] === __filename || plumbing.test(found[1])) continue;
    return found[1].startsWith(root) && !found[1].startsWith(packages) ? `${found[1].slice(root.length)}:${found[2]}` : "";
  }
  return "";
}

const isPath = (v) => typeof v === "string" || v instanceof RegExp || (Array.isArray(v) && v.length > 0 && isPath(v[0]));
const isApp = (v) => typeof v === "function" && typeof v.handle === "function" && typeof v.set === "function";
const isRouter = (v) => typeof v === "function" && !isApp(v) && data.has(v);

function wrap(target, name, make) {
  const before = target?.[name];
  if (typeof before !== "function" || before.recorded) return;
  const after = make(before);
  Object.assign(after, before, { recorded: true });
  target[name] = after;
}

/** Express 4 keeps its router in lib/router, Express 5 in the package router. */
function patchRouter(exported) {
  const made = exported.recorded ? exported : function Router(options) {
    const router = exported(options);
    expressRouters.push(router);
    kept(router);
    return router;
  };
  if (made === exported) return exported;
  // What routers inherit is found on the function in Express 4, on its prototype in Express 5.
  const holder = typeof exported.use === "function" ? exported : exported.prototype;
  wrap(holder, "route", (before) => function (at) {
    const route = before.call(this, at);
    kept(this).push({ at, route, site: site() });
    return route;
  });
  wrap(holder, "use", (before) => function (...given) {
    const at = isPath(given[0]) ? given[0] : "/";
    const entries = (isPath(given[0]) ? given.slice(1) : given).flat(Infinity);
    for (const target of entries) if (!target?.recordedApp) kept(this).push({ at, target });
    return before.apply(this, given);
  });
  Object.setPrototypeOf(made, exported);
  made.prototype = exported.prototype;
  made.Route = exported.Route;
  made.recorded = true;
  return made;
}

function patchExpress(exported) {
  if (exported.recorded) return exported;
  const made = function createApplication(...given) {
    const app = exported(...given);
    expressApps.push(app);
    return app;
  };
  wrap(exported.application, "use", (before) => function (...given) {
    const at = isPath(given[0]) ? given[0] : "/";
    const entries = (isPath(given[0]) ? given.slice(1) : given).flat(Infinity);
    // An application within another is wrapped by Express, and would not be known again.
    for (const target of entries) if (isApp(target)) kept(this).push({ at, target, order: 0 });
    return before.apply(this, given);
  });
  for (const key of Reflect.ownKeys(exported)) {
    if (!["length", "name", "prototype"].includes(key)) Object.defineProperty(made, key, Object.getOwnPropertyDescriptor(exported, key));
  }
  made.recorded = true;
  return made;
}

function patchFastify(exported) {
  if (exported.recorded) return exported;
  const made = function fastify(...given) {
    const app = exported(...given);
    const read = new Set();
    app.addHook("onRoute", (route) => {
      const method = [route.method].flat().join();
      const plain = route.url.replace(/\/$/, "");
      const own = method === "HEAD" && read.has(plain); // Fastify's answer to HEAD
      if (method === "GET") read.add(plain);
      if (!own) fastifyRoutes.push({ methods: [route.method].flat(), at: route.url, site: site() });
    });
    return app;
  };
  Object.assign(made, exported);
  for (const name of ["fastify", "default"]) if (exported[name] === exported) made[name] = made;
  made.recorded = true;
  return made;
}

function patchKoaRouter(exported) {
  const type = typeof exported === "function" ? exported : exported.default ?? exported.Router;
  wrap(type.prototype, "register", (before) => function (...given) {
    if (!koaRouters.includes(this)) koaRouters.push(this);
    const earlier = new Set(this.stack);
    const result = before.apply(this, given);
    for (const layer of this.stack) if (!earlier.has(layer)) layer.recordedSite = site();
    return result;
  });
  return exported;
}

function patchKoa(exported) {
  const type = typeof exported === "function" ? exported : exported.default;
  wrap(type.prototype, "use", (before) => function (...given) {
    if (!koaApps.includes(this)) koaApps.push(this);
    return before.apply(this, given);
  });
  return exported;
}

function patchMount(exported) {
  if (exported.recorded) return exported;
  const made = (prefix, app) => {
    const middleware = exported(prefix, app);
    middleware.recordedMount = typeof prefix === "string" ? { prefix, app } : { prefix: "", app: prefix };
    return middleware;
  };
  made.recorded = true;
  return made;
}

/** koa-route makes one middleware of each route. */
function patchRoute(exported) {
  for (const name of Object.keys(exported)) {
    wrap(exported, name, (before) => function (at, ...rest) {
      const mark = (middleware) => Object.assign(middleware, { recordedRoute: { method: name.toUpperCase().replace(/^DEL$/, "DELETE"), at, site: site() } });
      const made = before.call(this, at, ...rest);
      return rest.length > 0 ? mark(made) : (...given) => mark(made(...given));
    });
  }
  return exported;
}

function patchCompose(exported) {
  if (exported.recorded) return exported;
  const made = (parts) => Object.assign(exported(parts), { recordedParts: [...parts] });
  made.recorded = true;
  return made;
}

const patches = [
  [/[\\/]express[\\/]lib[\\/]router[\\/]index\.js$/, patchRouter],
  [/[\\/]node_modules[\\/]router[\\/]index\.js$/, patchRouter],
  [/[\\/]express[\\/]lib[\\/]express\.js$/, patchExpress],
  [/[\\/]node_modules[\\/]fastify[\\/]fastify\.js$/, patchFastify],
  [/[\\/]node_modules[\\/](@koa[\\/]router|koa-router)[\\/](lib|dist)[\\/](router|index)\.js$/, patchKoaRouter],
  [/[\\/]node_modules[\\/]koa[\\/]lib[\\/]application\.js$/, patchKoa],
  [/[\\/]node_modules[\\/]koa-mount[\\/]index\.js$/, patchMount],
  [/[\\/]node_modules[\\/]koa-route[\\/]index\.js$/, patchRoute],
  [/[\\/]node_modules[\\/]koa-compose[\\/]index\.js$/, patchCompose],
];

// A module that ESM imports is asked for its exports as soon as it was compiled.
const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename, ...rest) {
  const result = compile.call(this, content, filename, ...rest);
  for (const [name, patch] of patches) if (name.test(filename)) this.exports = patch(this.exports);
  return result;
};

const lines = new Set();
const join = (left, right) => `${left.replace(/\/+$/, "")}/${right.replace(/^\/+/, "")}`;
const each = (at) => (Array.isArray(at) ? at.flatMap(each) : [at]);

/** A handler for any method that only passes on is middleware. */
function passesOn(handler) {
  if (typeof handler !== "function" || handler.length < 3) return false;
  const name = /^(?:async\s*)?(?:function\s*\w*\s*)?\(?[^,()]*,[^,()]*,\s*(\w+)/.exec(String(handler))?.[1];
  return name !== undefined && new RegExp(`\\b${name}\\b\\s*\\(`).test(String(handler).replace(/^[^{=]*/, ""));
}

function print(kind, methods, at, where, comment) {
  if (!where) return;
  const names = methods.length > 12 ? ["ALL"] : methods;
  for (const method of names) {
    const line = `${comment || at.includes("\0") ? "# " : ""}${method} ${kind} ${at.replaceAll("\0", "") || "/"}`;
    lines.add(process.env.RECORD_SITES ? `${line}    ${where}` : line);
  }
}

const written = (at) => (at instanceof RegExp ? `\0${at}` : String(at));

function express(router, prefix, depth) {
  if (depth > 12) return;
  const own = isApp(router) ? [...(data.get(router) ?? []), ...(data.get(inner(router)) ?? [])] : data.get(router) ?? [];
  for (const entry of own) {
    for (const at of each(entry.at)) {
      const full = at === "/" || at === "" ? prefix : join(prefix, written(at));
      if (entry.route) {
        const stack = entry.route.stack;
        const named = [...new Set(stack.map((layer) => layer.method).filter(Boolean))];
        // An application's all() names every method that there is.
        const all = stack.filter((layer) => !layer.method || named.length > 12);
        if (named.length <= 12) for (const method of named) print("express", [method.toUpperCase()], full, entry.site);
        if (all.length > 0) print("express", ["ALL"], full, entry.site, passesOn(all.at(-1).handle));
      } else if (isApp(entry.target) || isRouter(entry.target)) {
        express(entry.target, full, depth + 1);
      }
    }
  }
}

/** The router that an application serves with, once it has one. */
function inner(app) {
  try {
    return app._router ?? (Object.hasOwn(app, "router") ? app.router : undefined) ?? {};
  } catch {
    return {}; // Express 4 refuses app.router
  }
}

function koa(middleware, prefix, depth) {
  if (depth > 12) return;
  for (const one of [middleware].flat()) {
    if (one?.recordedMount) koa(one.recordedMount.app.middleware ?? one.recordedMount.app, join(prefix, one.recordedMount.prefix), depth + 1);
    if (one?.recordedRoute) print("koa", [one.recordedRoute.method], join(prefix, written(one.recordedRoute.at)), one.recordedRoute.site);
    if (one?.recordedParts) koa(one.recordedParts, prefix, depth + 1);
    if (one?.router?.stack) layers(one.router, prefix);
  }
}

function layers(router, prefix) {
  for (const layer of router.stack) {
    if (layer.methods.length === 0) continue;
    const methods = layer.methods.filter((method) => method !== "HEAD" || !layer.methods.includes("GET"));
    print("koa", methods, join(prefix, written(layer.path)), layer.recordedSite);
  }
}

let done = false;
function dump() {
  if (done) return;
  done = true;
  const mounted = new Set(expressRouters.flatMap((router) => kept(router).map((entry) => entry.target)));
  for (const app of expressApps) for (const entry of data.get(app) ?? []) mounted.add(entry.target);
  for (const app of expressApps) if (!mounted.has(app)) express(app, "", 0);
  for (const route of fastifyRoutes) print("fastify", route.methods, route.at, route.site);
  for (const app of koaApps) koa(app.middleware, "", 0);
  if (process.env.RECORD_LOOSE) {
    const of = new Set(expressApps.map(inner));
    for (const router of expressRouters) if (!mounted.has(router) && !of.has(router)) express(router, "", 0);
    if (koaApps.length === 0) for (const router of koaRouters) layers(router, "");
  }
  const text = [...lines].sort().join("\n") + "\n";
  fs.writeSync(process.env.RECORD_OUTPUT ? fs.openSync(process.env.RECORD_OUTPUT, "w") : 1, text);
}

process.on("exit", dump);
setTimeout(() => process.exit(0), Number(process.env.RECORD_AFTER ?? 3000));
