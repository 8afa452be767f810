// Builds DOM nodes. Text goes in as text nodes only: nothing on this page ever parses HTML.

const SAFE_LINK = /^(https?:|mailto:)/i;

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "value") node.value = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function link(url, ...label) {
  if (!SAFE_LINK.test(url)) return h("span", {}, ...label);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

const ICONS = {
  send: "M4 12l16-8-6 16-3-6-7-2z",
  clip: "M8 12.5l6.2-6.2a3 3 0 014.3 4.2l-8 8a5 5 0 01-7-7l7.6-7.6",
  close: "M6 6l12 12M18 6L6 18",
  thread: "M5 5h14v10H10l-5 4z",
  smile: "M12 21a9 9 0 100-18 9 9 0 000 18zM8.5 14a4 4 0 007 0M9 9.5v.5M15 9.5v.5",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  lock: "M7 11V8a5 5 0 0110 0v3M6 11h12v9H6z",
  hash: "M9 4L7 20M17 4l-2 16M4 9h16M4 15h16",
  share: "M10 16H8a4 4 0 010-8h2M14 8h2a4 4 0 010 8h-2M9 12h6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  stop: "M7 7h10v10H7z",
  down: "M12 4v12M7 11l5 5 5-5M5 20h14",
  check: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 4l9 16H3zM12 10v4M12 17v.01",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.more);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, extra = {}) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick, ...extra }, icon(name));
}

export function toast(text, kind = "error") {
  const node = h("div", { class: `toast ${kind}` }, icon(kind === "error" ? "alert" : "check"), h("span", {}, text));
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 7000);
}

// A small menu under (or over) the element that opened it; closes on choice, Escape, or a click elsewhere.
export function menu(anchor, items) {
  document.querySelector(".menu")?.remove();
  const close = () => {
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", key, true);
  };
  const outside = (event) => list.contains(event.target) || close();
  const key = (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); anchor.focus(); }
    if (event.key === "ArrowDown") { event.preventDefault(); buttons[(at + 1) % buttons.length].focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); buttons.at(at - 1).focus(); }
  };
  const list = h("div", { class: "menu", role: "menu" }, items.map((item) =>
    h("button", { type: "button", role: "menuitem", class: item.danger ? "danger" : "", onclick: () => { close(); item.run(); } },
      h("span", {}, item.label), item.hint && h("small", {}, item.hint))));
  (anchor.closest("dialog") ?? document.body).append(list);
  const box = anchor.getBoundingClientRect();
  const own = list.getBoundingClientRect();
  const below = box.bottom + own.height + 8 < innerHeight;
  list.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - own.height - 4)}px`;
  list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - own.width - 8))}px`;
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", key, true);
  list.querySelector("button")?.focus();
}
