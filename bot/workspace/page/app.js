// The page: channels at the left, messages in the middle, a thread at the right.

import { h, icon, iconButton, menu, toast } from "/page/dom.js";
import { blocks } from "/page/blocks.js";
import { Composer } from "/page/composer.js";
import { avatar, badge, doing, MessageList, statusLine } from "/page/messages.js";
import { paintModal, viewContext } from "/page/modal.js";
import { follow, isReply, messagesOf, remember, state, watch } from "/page/state.js";

const sidebar = document.getElementById("sidebar");
const main = document.getElementById("main");
const aside = document.getElementById("thread");

const channelList = new MessageList({ onThread: openThread });
const threadList = new MessageList({ thread: true });
const channelComposer = new Composer({ where: () => ({ channel: state.channel, thread_ts: "" }) });
const threadComposer = new Composer({ thread: true, where: () => ({ channel: state.channel, thread_ts: state.thread }) });
channelComposer.dropOn(main);
threadComposer.dropOn(aside);

const head = h("header", { class: "pane-head" });
const home = h("div", { class: "home" });
const tools = h("div", { class: "under" });
const threadHead = h("header", { class: "pane-head" });
const threadUnder = h("div", { class: "under" });
main.append(head, channelList.node, home, tools, channelComposer.node);
aside.append(threadHead, threadList.node, threadUnder, threadComposer.node);

function openChannel(id) {
  state.channel = id;
  state.thread = "";
  state.tab = "messages";
  state.unread.delete(id);
  channelList.clear();
  paint({ stick: true });
  remember();
  const channel = state.channels.get(id);
  if (channel.type === "im") doing({ do: "home", tab: "messages" });
  channelComposer.area.focus();
}

function openThread(ts) {
  state.thread = ts;
  threadList.clear();
  paintThread({ stick: true });
  remember();
  threadComposer.area.focus();
}

function closeThread() {
  state.thread = "";
  paintThread();
  remember();
}

function openTab(tab) {
  state.tab = tab;
  doing({ do: "home", tab });
  paint();
}

function paintSidebar() {
  const me = state.users.get(state.me);
  const row = (channel) => {
    const direct = channel.type === "im";
    const mark = direct ? avatar(state.users.get(state.app.bot_user), "tiny") : icon(channel.type === "group" ? "lock" : channel.shared ? "share" : "hash");
    const classes = ["channel", channel.id === state.channel && "current", state.unread.has(channel.id) && "unread", !channel.member && "outside"];
    return h("button", { type: "button", class: classes.filter(Boolean).join(" "), data: { channel: channel.id }, "aria-current": channel.id === state.channel ? "page" : null, onclick: () => openChannel(channel.id) },
      mark, h("span", {}, direct ? state.app.name : channel.name));
  };
  const all = [...state.channels.values()];
  const switcher = h("button", { type: "button", class: "me", "aria-haspopup": "menu", title: "Act as somebody else", onclick: () => menu(switcher, others()) },
    avatar(me), h("span", { class: "me-name" }, h("b", {}, me.real_name), h("small", {}, me.title)), icon("more"));
  sidebar.replaceChildren(
    h("div", { class: "team" }, h("span", { class: "team-mark", "aria-hidden": "true" }), h("b", {}, state.team.name)),
    h("div", { class: "group-label" }, "Channels"), all.filter((c) => c.type !== "im").map(row).reduce((box, node) => (box.append(node), box), h("div")),
    h("div", { class: "group-label" }, "Apps"), all.filter((c) => c.type === "im").map(row).reduce((box, node) => (box.append(node), box), h("div")),
    h("div", { class: "spacer" }),
    h("div", { class: "group-label" }, "You act as"), switcher);
}

function others() {
  return [...state.users.values()].filter((u) => u.role !== "app").map((u) => ({
    label: u.real_name, hint: `${u.name} · ${u.title}`, run: () => { location.href = `/?as=${encodeURIComponent(u.name)}&channel=${state.channel}`; },
  }));
}

function paintHead() {
  const channel = state.channels.get(state.channel);
  const direct = channel.type === "im";
  const tab = (name, label) => h("button", { type: "button", role: "tab", "aria-selected": String(state.tab === name), class: state.tab === name ? "tab at" : "tab", onclick: () => openTab(name) }, label);
  head.replaceChildren(
    h("h1", {}, direct ? avatar(state.users.get(state.app.bot_user), "tiny") : icon(channel.type === "group" ? "lock" : channel.shared ? "share" : "hash"), direct ? state.app.name : channel.name),
    ...(direct ? [h("div", { class: "tabs", role: "tablist" }, tab("messages", "Messages"), tab("home", "Home"))] : [h("span", { class: "topic" }, channel.topic)]),
    h("span", { class: "spacer" }),
    ...(channel.shared ? [h("span", { class: "badge role-external" }, "Shared with another company")] : []),
    ...(!direct && !channel.has_app ? [h("button", { type: "button", class: "button small", onclick: () => doing({ do: "command", channel: channel.id, line: `/invite @${state.app.name}` }) }, `Invite ${state.app.name}`)] : []));
}

function paintMain({ stick = false } = {}) {
  const channel = state.channels.get(state.channel);
  const atHome = channel.type === "im" && state.tab === "home";
  home.hidden = !atHome;
  channelList.node.hidden = atHome;
  channelComposer.node.hidden = atHome || !channel.member;
  if (atHome) paintHome();
  const shown = messagesOf(channel.id).filter((m) => !isReply(m) || m.subtype === "thread_broadcast");
  channelList.show(shown, { stick });
  channelList.node.classList.toggle("empty", !shown.length);
  channelComposer.label(channel.type === "im" ? `Message ${state.app.name}` : `Message #${channel.name}`);
  const prompts = state.prompts.get(channel.id)?.prompts ?? [];
  tools.replaceChildren(...(atHome ? [] : [
    ...(channel.member ? [] : [h("div", { class: "status" }, "You are not in this channel: you can read it, not write in it.")]),
    ...(shown.length ? [] : prompts.map((p) => h("button", { type: "button", class: "button small", onclick: () => doing({ do: "say", channel: channel.id, text: p.message }) }, p.title))),
  ]));
}

function paintHome() {
  const view = state.views.home;
  const kept = home.dataset.hash;
  if (view && kept === view.hash) return;
  home.dataset.hash = view?.hash ?? "";
  home.replaceChildren(...(view ? blocks(view.blocks, viewContext(view)) : [h("p", { class: "hint" }, `${state.app.name} has not put anything here yet.`)]));
}

function paintThread({ stick = false } = {}) {
  const all = messagesOf(state.channel).filter((m) => m.ts === state.thread || m.thread_ts === state.thread);
  aside.hidden = !state.thread || !all.length;
  document.getElementById("app").classList.toggle("with-thread", !aside.hidden);
  if (aside.hidden) return;
  const channel = state.channels.get(state.channel);
  threadHead.replaceChildren(h("h2", {}, "Thread"), h("span", { class: "topic" }, channel.type === "im" ? state.app.name : `#${channel.name}`), h("span", { class: "spacer" }), iconButton("close", "Close the thread", closeThread));
  threadList.show(all, { stick });
  const line = statusLine(state.channel, state.thread);
  threadUnder.replaceChildren(...(line ? [line] : []));
  threadComposer.node.hidden = !channel.member;
  threadComposer.label("Reply…");
}

function paint(options) {
  paintSidebar();
  paintHead();
  paintMain(options);
  paintThread(options);
  paintModal();
}

watch((kind, payload) => {
  if (kind === "failed") return toast(payload.message);
  if (kind === "notice") return toast(payload.text);
  if (kind === "all") return paint({ stick: true });
  if (kind === "views") {
    paintModal();
    return state.tab === "home" && paintMain();
  }
  if (kind === "channel") paintHead();
  if (kind === "message" || kind === "message_deleted" || kind === "prompts") {
    paintMain();
    paintSidebar();
  }
  return paintThread();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.thread && !document.querySelector("dialog[open], .menu")) closeThread();
});

follow((offline) => {
  const banner = document.getElementById("banner");
  banner.hidden = !offline;
  banner.textContent = "The workspace does not answer; trying again.";
});
