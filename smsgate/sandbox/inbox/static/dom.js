// Making elements. Text goes in as text nodes only: nothing that a message says is ever read as HTML.

export const $ = (id) => document.getElementById(id);

export function el(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function fill(parent, ...children) {
  parent.replaceChildren(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  );
}

export function flag(element, name, on, value = "") {
  if (on) element.setAttribute(name, value);
  else element.removeAttribute(name);
}

export const part = (title, ...children) => el("section", { class: "part" }, el("h3", {}, title), children);

let fields = 0;

export function field(label, control) {
  control.id ||= `field-${(fields += 1)}`;
  return el("div", { class: "field" }, el("label", { for: control.id }, label), control);
}

const STATES = {
  accepted: "Accepted",
  delivered: "Delivered",
  failed: "Not delivered",
  refused: "Refused",
  lost: "Not processed",
  reply: "Reply",
};

export const chip = (state) => el("span", { class: "chip", "data-state": state }, STATES[state]);

const SIGNATURE = /^(【[^】]*】)(.*)$/s;

// A message as the phone shows it: the signature stands out.
export function phoneText(text) {
  const found = SIGNATURE.exec(text);
  return found ? [el("b", {}, found[1]), found[2]] : [text];
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const SHORT = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

export const clock = (seconds) => CLOCK.format(seconds * 1000);

export function when(seconds) {
  const moment = new Date(seconds * 1000);
  return moment.toDateString() === new Date().toDateString() ? SHORT.format(moment) : DAY.format(moment);
}

export const timeTag = (seconds, text) =>
  el("time", { class: "num", datetime: new Date(seconds * 1000).toISOString() }, text);

export const nameOf = (number) => number || "Other calls";

const toastBox = $("toast");
let fading = 0;

export function toast(text) {
  // A dialog lies above everything that is not in it.
  (document.querySelector("dialog[open]") || document.body).append(toastBox);
  toastBox.textContent = text;
  flag(toastBox, "data-on", true);
  clearTimeout(fading);
  fading = setTimeout(() => flag(toastBox, "data-on", false), 2200);
}
