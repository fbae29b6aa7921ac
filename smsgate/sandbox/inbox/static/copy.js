// Copying, also where the browser has no clipboard because the address is not a loopback one.
import { el, toast } from "./dom.js";

export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { readonly: true, class: "unseen" });
    area.value = text;
    const last = document.activeElement;
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    last?.focus();
  }
  toast(`Copied ${what}`);
}

export const copyButton = (label, text, what, props) =>
  el("button", { type: "button", class: "button", ...props, onclick: () => copyText(text, what) }, label);
