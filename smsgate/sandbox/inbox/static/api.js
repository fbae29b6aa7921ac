// The sandbox's own calls.

async function call(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const options = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
  const response = await fetch(path, options);
  if (response.status === 204) return null;
  const value = await response.json();
  if (!response.ok) throw new Error(value.error || `HTTP ${response.status}`);
  return value;
}

export const api = {
  page: (before) => call("GET", `/sandbox/inbox?limit=500${before === null ? "" : `&before=${before}`}`),
  entry: (id) => call("GET", `/sandbox/inbox/${encodeURIComponent(id)}`),
  interfaces: () => call("GET", "/sandbox/interfaces"),
  faults: () => call("GET", "/sandbox/faults"),
  setFault: (fault) => call("POST", "/sandbox/faults", fault),
  clearFaults: (vendor) => call("DELETE", "/sandbox/faults", vendor ? { vendor } : undefined),
  report: (messageId, code) => call("POST", "/sandbox/reports", { message_id: messageId, code }),
  reply: (from, text, vendor) => call("POST", "/sandbox/replies", { from, text, vendor }),
  pushAgain: (number) => call("POST", "/sandbox/pushes", { number }),
  clear: () => call("DELETE", "/sandbox/messages"),
};
