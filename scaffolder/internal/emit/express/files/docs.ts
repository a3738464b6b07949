/** What the API can do, for people: /docs, and its description beside that. */
import { Router } from "express";
import { document, page, policy } from "./page.js";

/** Serves /docs and /docs/openapi.json. */
export const docs: Router = Router();

docs.get("/docs", (_req, res) => {
  res.setHeader("Content-Security-Policy", policy).type("html").send(page);
});

docs.get("/docs/openapi.json", (_req, res) => {
  res.type("json").send(document);
});
