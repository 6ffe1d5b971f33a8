// Tests clients of two APIs from Node alone: its fetch, its crypto, its assert.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";

const { CONTROL = "http://127.0.0.1:8081/_gateway", TOKEN } = process.env;

async function control(method, path, body) {
  const answer = await fetch(CONTROL + path, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

// RFC 5849, 3.6: more is encoded than by JavaScript's function.
const encoded = (text) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// RFC 5849, 3.4: for a URL without a query, and a body that is no form.
function signed(method, url, consumer, key) {
  const said = {
    oauth_consumer_key: consumer.token,
    oauth_nonce: randomBytes(16).toString("hex"),
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_token: key.token,
    oauth_version: "1.0",
  };
  const pairs = Object.keys(said).sort().map((name) => `${name}=${encoded(said[name])}`);
  const base = [method, url, pairs.join("&")].map(encoded).join("&");
  const secret = `${encoded(consumer.secret)}&${encoded(key.secret)}`;
  said.oauth_signature = createHmac("sha1", secret).update(base).digest("base64");
  const header = Object.entries(said).map(([name, value]) => `${name}="${encoded(value)}"`);
  return `OAuth ${header.join(", ")}`;
}

const shop = await control("POST", "/shops", {
  seed: { customers: [{ first_name: "Ada", last_name: "Lovelace" }] },
});
try {
  // Write by BigCommerce's API.
  const bigcommerce = `${shop.base_urls.bigcommerce}/customers/addresses`;
  const address = {
    customer_id: 1,
    first_name: "Ada",
    last_name: "Lovelace",
    address1: "12 Analytical Row",
    city: "Akron",
    state_or_province: "Ohio",
    postal_code: "44301",
    country_code: "US",
    phone: "212 555 0100",
  };
  const post = {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Auth-Token": shop.credentials.bigcommerce.modify.token,
    },
    body: JSON.stringify([address]),
  };
  // The answer gets lost once; sent again, the address is a duplicate, and skipped.
  await control("POST", `/shops/${shop.hash}/faults`, {
    fault: "commit_then_drop",
    operation: "bigcommerce.create",
  });
  await assert.rejects(fetch(bigcommerce, post));
  const again = await fetch(bigcommerce, post);
  assert.equal(again.status, 200);

  // Read by OpenMage's API, signed by OAuth 1.0a.
  const { consumer, customer } = shop.credentials.openmage;
  const url = `${shop.base_urls.openmage}/customers/1/addresses`;
  const found = await fetch(url, {
    headers: {
      Accept: "application/json",
      Authorization: signed("GET", url, consumer, customer),
    },
  });
  assert.equal(found.status, 200);
  assert.deepEqual((await found.json()).map((one) => one.street), [["12 Analytical Row"]]);

  // What came of it.
  const { entries } = await control("GET", `/shops/${shop.hash}/journal`);
  assert.deepEqual(
    entries.map((one) => one.operation),
    ["bigcommerce.create", "bigcommerce.create", "openmage.list"],
  );
  console.log("All is well");
} finally {
  await control("DELETE", `/shops/${shop.hash}`);
}
