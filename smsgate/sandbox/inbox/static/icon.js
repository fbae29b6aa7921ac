// How many are unread, in the title and in the icon of the tab.
import { $ } from "./dom.js";
import { store } from "./entries.js";

const BUBBLE =
  '<path d="M6 3h20a4 4 0 0 1 4 4v13a4 4 0 0 1-4 4H12l-7 6v-6a3 3 0 0 1-3-4V7a4 4 0 0 1 4-4z" fill="#0b6e63"/>';
const LINES = '<path d="M8 10h16M8 16h10" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/>';

function badge(count) {
  const text = count > 99 ? "99" : String(count);
  return (
    '<circle cx="22" cy="11" r="10" fill="#d4453b"/>' +
    `<text x="22" y="15.5" font-family="sans-serif" font-size="13" font-weight="700" fill="#fff" text-anchor="middle">${text}</text>`
  );
}

let drawn = -1;

export function showUnread() {
  const count = store.unread.size;
  if (count === drawn) return;
  drawn = count;
  document.title = `${count ? `(${count}) ` : ""}smsgate sandbox`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${BUBBLE}${count ? badge(count) : LINES}</svg>`;
  $("icon").href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
