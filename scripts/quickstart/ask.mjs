// Asks the generated server a few things and prints what it answers:
//
//   node ask.mjs BASE_URL API_KEY
//
// The status is 1 when an answer is not the expected one.
const [base, key] = process.argv.slice(2);

const questions = [
  { expect: 200, path: "/status", about: "an operation with logic" },
  { expect: 401, path: "/customers", about: "no credentials" },
  { expect: 400, path: "/products?limit=1000&sort=colour", about: "a query out of bounds" },
  {
    expect: 400, path: "/customers", method: "POST", about: "a body with three faults",
    headers: { "Content-Type": "application/json", "X-API-Key": key },
    body: JSON.stringify({ email: "nobody", country: "Germany", fullName: "" }),
  },
  { expect: 501, path: "/customers/42", headers: { "X-API-Key": key }, about: "an operation still without logic" },
  { expect: 404, path: "/nowhere", about: "an unknown path" },
];

for (const { expect, path, about, method = "GET", headers, body } of questions) {
  const answer = await fetch(base + path, { method, headers, body, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  let fields = "";
  try {
    const details = JSON.parse(text).error?.details ?? [];
    fields = details.length === 0 ? "" : ` (${details.map((detail) => detail.field).join(", ")})`;
  } catch {
    fields = " (no JSON)";
  }
  const wrong = answer.status === expect ? "" : `, expected ${expect}`;
  console.log(`${answer.status} ${method.padEnd(4)} ${path}: ${about}${fields}${wrong}`);
  if (wrong) process.exitCode = 1;
}
