// The simulated interfaces: asked for once, as the page starts. What needs them waits for `known`.
import { api } from "./api.js";
import { store } from "./entries.js";

// A server that cannot be reached is asked again.
async function learn() {
  try {
    store.interfaces = await api.interfaces();
  } catch {
    await new Promise((done) => setTimeout(done, 1000));
    return learn();
  }
  store.vendors = new Map(store.interfaces.map((each) => [each.name, each.vendor]));
  return undefined;
}

export const known = learn();
