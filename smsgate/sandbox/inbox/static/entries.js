// Every entry that is known, by number, and what the filters leave of them.

export const store = {
  entries: new Map(),
  talks: new Map(),
  unread: new Set(),
  interfaces: [],
  vendors: new Map(),
  keep: Infinity,
  filter: { words: "", interface: "", state: "" },
};

const SLACK = 200;

export function putEntry(entry) {
  const known = store.entries.get(entry.id);
  store.entries.set(entry.id, entry);
  entry.words = [entry.number, entry.text, entry.refusal, entry.why, entry.id].join("\n").toLowerCase();
  let talk = store.talks.get(entry.number);
  if (!talk) store.talks.set(entry.number, (talk = { number: entry.number, list: [], sorted: true }));
  if (known) {
    talk.list[talk.list.indexOf(known)] = entry;
  } else {
    const last = talk.list[talk.list.length - 1];
    talk.sorted = talk.sorted && (!last || last.serial < entry.serial);
    talk.list.push(entry);
  }
  return !known;
}

export function dropOldest() {
  if (store.entries.size <= store.keep + SLACK) return;
  const oldest = [...store.entries.values()].sort((a, b) => a.serial - b.serial);
  const gone = new Set(oldest.slice(0, oldest.length - store.keep));
  for (const number of new Set([...gone].map((entry) => entry.number))) {
    const talk = store.talks.get(number);
    talk.list = talk.list.filter((entry) => !gone.has(entry));
    if (!talk.list.length) store.talks.delete(number);
  }
  for (const entry of gone) {
    store.entries.delete(entry.id);
    store.unread.delete(entry.id);
  }
}

export function forgetAll() {
  store.entries.clear();
  store.talks.clear();
  store.unread.clear();
}

export function isFiltered() {
  const { words, interface: name, state } = store.filter;
  return Boolean(words || name || state);
}

function matches(entry) {
  const { words, interface: name, state } = store.filter;
  // A reply belongs to a vendor, whichever of its interfaces the message went through.
  if (name && (entry.reply ? entry.vendor !== store.vendors.get(name) : entry.interface !== name)) return false;
  if (state && entry.state !== state) return false;
  return !words || entry.words.includes(words);
}

// The entries of a number that the filters leave, oldest first.
export function entriesOf(number) {
  const talk = store.talks.get(number);
  if (!talk) return [];
  if (!talk.sorted) talk.list.sort((a, b) => a.serial - b.serial);
  talk.sorted = true;
  return isFiltered() ? talk.list.filter(matches) : talk.list;
}

// The conversations that the filters leave, each with its newest entry, the newest first.
export function shownTalks() {
  const found = [];
  let count = 0;
  for (const number of store.talks.keys()) {
    const entries = entriesOf(number);
    count += entries.length;
    if (entries.length) found.push({ number, last: entries[entries.length - 1], count: entries.length });
  }
  found.sort((a, b) => b.last.serial - a.last.serial);
  return { talks: found, count };
}

export const isUnread = (number) => entriesOf(number).some((entry) => store.unread.has(entry.id));

export const interfaceOf = (entry) =>
  store.interfaces.find((each) => each.name === entry.interface) ||
  store.interfaces.find((each) => each.vendor === entry.vendor && each.sends);
