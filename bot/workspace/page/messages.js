// One list of messages: a channel's, or a thread's. Only what changed is painted again.

import { h, icon, iconButton, menu, toast } from "/page/dom.js";
import { blocks, plainMessage } from "/page/blocks.js";
import { valueOf } from "/page/elements.js";
import { asTyped } from "/page/mrkdwn.js";
import { emoji, PICKER } from "/page/emoji.js";
import { act, isReply, messagesOf, state, threadKey, userName } from "/page/state.js";

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const SOON = 300; // seconds within which a person's next message needs no new head
const chosen = new Map(); // what this person has put into the inputs of messages

export async function doing(body) {
  try {
    const outcome = await act(body);
    if (outcome.message) toast(outcome.message);
    return outcome;
  } catch (error) {
    toast(error.message);
    return { ok: false };
  }
}

export function messageContext(message) {
  const slot = (block, element) => `${message.ts} ${block.block_id} ${element.action_id}`;
  return {
    id: message.ts,
    silent: (block) => block.type === "input" && !block.dispatch_action,
    get: (block, element) => (chosen.has(slot(block, element)) ? chosen.get(slot(block, element)) : initial(element)),
    set: (block, element, value) => chosen.set(slot(block, element), value),
    use: (block, element, value) => doing({ do: "click", where: message.ts, block_id: block.block_id, action_id: element.action_id, value }),
  };
}

function initial(element) {
  const name = Object.keys(element).find((key) => key.startsWith("initial_"));
  return name ? valueOf({ [name.replace("initial_", name.includes("option") ? "selected_" : "")]: element[name] }) : null;
}

export class MessageList {
  constructor({ thread = false, onThread = () => {} } = {}) {
    this.thread = thread;
    this.onThread = onThread;
    this.drawn = new Map(); // ts → {message, node}
    this.node = h("div", { class: "messages", role: "log", tabindex: 0, "aria-label": thread ? "Thread" : "Messages" });
  }

  clear() {
    this.drawn.clear();
    this.node.replaceChildren();
  }

  show(messages, { stick = false } = {}) {
    const low = stick || this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 120;
    const kept = new Set(messages.map((m) => m.ts));
    for (const [ts, { node }] of this.drawn) if (!kept.has(ts)) { node.remove(); this.drawn.delete(ts); }
    const focus = this.node.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    const replies = messages.filter((m) => !m.is_ephemeral).length - 1;
    let before = null;
    const order = [];
    messages.forEach((message, index) => {
      if (!before || day(before.ts) !== day(message.ts)) order.push(this.divider(day(message.ts)));
      order.push(this.place(message));
      if (this.thread && index === 0 && replies) order.push(this.count(replies));
      this.drawn.get(message.ts).node.classList.toggle("follows", follows(before, message) && !(this.thread && index === 1));
      before = message;
    });
    this.arrange(order);
    if (focus) this.node.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
    if (low) this.down();
  }

  // Put the nodes in order without touching those that stand right already.
  arrange(order) {
    order.forEach((node, index) => {
      if (this.node.children[index] !== node) this.node.insertBefore(node, this.node.children[index] ?? null);
    });
    while (this.node.children.length > order.length) this.node.lastChild.remove();
  }

  down() {
    this.node.scrollTop = this.node.scrollHeight;
    for (const image of this.node.querySelectorAll("img")) {
      if (!image.complete) image.addEventListener("load", () => { this.node.scrollTop = this.node.scrollHeight; }, { once: true });
    }
  }

  place(message) {
    const known = this.drawn.get(message.ts);
    if (known?.message === message) return known.node;
    const node = this.paint(message);
    known?.node.replaceWith(node);
    this.drawn.set(message.ts, { message, node });
    return node;
  }

  divider(label) { return h("div", { class: "day" }, h("span", {}, label)); }

  count(replies) { return h("div", { class: "day replies" }, h("span", {}, replies === 1 ? "1 reply" : `${replies} replies`)); }

  paint(message) {
    const user = state.users.get(message.user) ?? { name: message.user, real_name: message.user, role: "" };
    const ctx = messageContext(message);
    const only = message.is_ephemeral;
    const human = !message.bot_id && message.blocks?.every((b) => b.type === "rich_text");
    const body = message.blocks?.length ? blocks(message.blocks, ctx) : message.text ? [plainMessage(message, ctx)] : [];
    return h("article", { class: `message ${only ? "ephemeral" : ""} ${human ? "human" : ""}`, data: { ts: message.ts } },
      avatar(user),
      h("div", { class: "message-main" },
        only && h("div", { class: "only-you" }, icon("eye"), "Only visible to you", h("button", { type: "button", class: "quiet", onclick: () => doing({ do: "dismiss", ts: message.ts }) }, "Dismiss")),
        h("div", { class: "message-head" }, h("b", {}, user.role === "app" ? user.name : user.real_name), badge(user),
          h("time", { title: new Date(message.ts * 1000).toLocaleString() }, clock(message.ts))),
        h("div", { class: "message-body" }, body, message.edited && !message.bot_id && h("span", { class: "edited" }, "(edited)")),
        attachments(message),
        files(message.files ?? []),
        reactions(message),
        !this.thread && !isReply(message) && this.replies(message)),
      this.tools(message));
  }

  replies(message) {
    const all = messagesOf(message.channel).filter((m) => m.thread_ts === message.ts && m.ts !== message.ts && !m.is_ephemeral);
    if (!all.length) return null;
    const people = [...new Set(all.map((m) => m.user))].slice(0, 4);
    return h("button", { type: "button", class: "replies-link", onclick: () => this.onThread(message.ts) },
      people.map((id) => avatar(state.users.get(id) ?? { name: id }, "tiny")),
      h("span", {}, all.length === 1 ? "1 reply" : `${all.length} replies`),
      h("small", {}, `last at ${clock(all.at(-1).ts)}`));
  }

  edit(message) {
    const body = this.drawn.get(message.ts).node.querySelector(".message-body");
    const before = [...body.childNodes];
    const area = h("textarea", { class: "edit", rows: 3, "aria-label": "Edit the message", value: asTyped(message.text) });
    area.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") { event.stopPropagation(); body.replaceChildren(...before); }
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      if (area.value.trim()) await doing({ do: "edit", ts: message.ts, text: area.value.trim() });
    });
    body.replaceChildren(area, h("small", {}, "Enter saves, Escape leaves it as it was"));
    area.focus();
  }

  tools(message) {
    if (message.is_ephemeral) return null;
    const mine = message.user === state.me;
    const items = [
      ...state.app.shortcuts.filter((s) => s.type === "message").map((s) => ({
        label: s.name, hint: state.app.name, run: () => doing({ do: "shortcut", callback_id: s.callback_id, ts: message.ts }),
      })),
      { label: "Copy link", run: () => navigator.clipboard?.writeText(`${location.origin}/archives/${message.channel}/p${message.ts.replace(".", "")}`) },
      ...(mine ? [{ label: "Edit", run: () => this.edit(message) }, { label: "Delete", danger: true, run: () => doing({ do: "delete", ts: message.ts }) }] : []),
    ];
    const react = iconButton("smile", "React", () => menu(react, PICKER.map((name) => ({ label: emoji(name), hint: name, run: () => doing({ do: "react", ts: message.ts, name }) }))));
    const more = iconButton("more", "More actions", () => menu(more, items));
    return h("div", { class: "tools" }, react,
      !this.thread && iconButton("thread", "Reply in thread", () => this.onThread(isReply(message) ? message.thread_ts : message.ts)), more);
  }
}

export function avatar(user, size = "") {
  const letters = (user.real_name ?? user.name).split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
  const hue = [...(user.id ?? user.name)].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 6, 0);
  return h("span", { class: `avatar hue-${user.role === "app" ? "app" : hue} ${size}`, "aria-hidden": "true", title: userName(user.id) }, letters);
}

export function badge(user) {
  const shown = { app: "App", guest: "Guest", external: "Other company" }[user.role];
  return shown ? h("span", { class: `badge role-${user.role}` }, shown) : null;
}

const follows = (before, message) =>
  Boolean(before) && before.user === message.user && !message.is_ephemeral && !before.is_ephemeral &&
  message.ts - before.ts < SOON && day(before.ts) === day(message.ts);

const clock = (ts) => new Date(ts * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const day = (ts) => new Date(ts * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });

function attachments(message) {
  return (message.attachments ?? []).map((a) => h("div", { class: "attachment" },
    a.blocks ? blocks(a.blocks, messageContext(message)) : [a.pretext, a.title, a.text, a.fallback].filter(Boolean).slice(0, 3).join("\n")));
}

function files(list) {
  if (!list.length) return null;
  return h("div", { class: "files" }, list.map((file) => {
    const url = `/person/files/${encodeURIComponent(file.id)}`;
    if (IMAGES.includes(file.mimetype)) {
      return h("a", { class: "file-image", href: url, target: "_blank", rel: "noopener" }, h("img", { src: url, alt: file.title }), h("small", {}, file.name));
    }
    return h("a", { class: "file", href: file.is_external ? null : url, download: file.name },
      h("span", { class: "file-kind" }, file.filetype.slice(0, 4).toUpperCase()),
      h("span", { class: "file-name" }, h("b", {}, file.title), h("small", {}, `${file.title === file.name ? file.pretty_type : file.name} · ${bytes(file.size)}`)),
      icon("down"));
  }));
}

const bytes = (n) => (n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1048576).toFixed(1)} MB`);

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((r) =>
    h("button", { type: "button", class: `reaction ${r.users.includes(state.me) ? "mine" : ""}`, title: `${r.users.map(userName).join(", ")} · :${r.name}:`,
      onclick: () => doing({ do: "react", ts: message.ts, name: r.name }) }, emoji(r.name), h("span", {}, String(r.count)))));
}

// "threatbot is reading…", with Stop while its session is being processed.
export function statusLine(channel, threadTs) {
  const status = state.statuses.get(threadKey(channel, threadTs));
  const session = state.sessions.get(threadKey(channel, threadTs));
  const working = session?.state === "processing";
  if (!status && !working) return null;
  return h("div", { class: "status" }, h("span", { class: "dots" }, h("i"), h("i"), h("i")),
    h("span", {}, `${state.app.name} ${status || "is working"}`), session?.title && h("small", {}, session.title),
    working && h("button", { type: "button", class: "button small", onclick: () => doing({ do: "stop", channel, thread_ts: threadTs }) }, icon("stop"), "Stop"));
}
