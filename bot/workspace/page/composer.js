// Where a person writes: text, files by drop or button, slash commands and @names with hints.

import { h, icon, iconButton, menu, toast } from "/page/dom.js";
import { doing } from "/page/messages.js";
import { state, upload } from "/page/state.js";

export class Composer {
  constructor({ thread = false, where }) {
    this.thread = thread;
    this.where = where; // () => ({channel, thread_ts})
    this.files = []; // {id, name}
    this.hints = [];
    this.at = 0;
    this.area = h("textarea", { rows: 1, "aria-label": thread ? "Reply" : "Message" });
    this.hintBox = h("div", { class: "hints", role: "listbox", hidden: true });
    this.chips = h("div", { class: "chips" });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => { this.attach([...this.picker.files]); this.picker.value = ""; } });
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("paste", (event) => event.clipboardData.files.length && this.attach([...event.clipboardData.files]));
    const bolt = iconButton("bolt", "Shortcuts", () => menu(bolt, state.app.shortcuts.filter((s) => s.type === "global").map((s) => ({
      label: s.name, hint: s.description, run: () => doing({ do: "shortcut", callback_id: s.callback_id }),
    }))));
    this.node = h("div", { class: "composer" }, this.hintBox, this.chips, this.area,
      h("div", { class: "composer-bar" }, this.picker,
        iconButton("clip", "Attach files", () => this.picker.click()), !thread && bolt,
        h("span", { class: "composer-tip" }, thread ? "Drop a diagram here to add it to the thread" : "/ for commands, @ for people"),
        iconButton("send", "Send", () => this.send(), { class: "icon-button send" })));
  }

  label(text) { this.area.placeholder = text; }

  // Files that are dropped anywhere on `pane` are attached here.
  dropOn(pane) {
    let depth = 0;
    const over = (on) => pane.classList.toggle("dropping", on);
    pane.addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; over(true); });
    pane.addEventListener("dragover", (event) => event.preventDefault());
    pane.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) over(false); });
    pane.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      over(false);
      this.attach([...event.dataTransfer.files]);
    });
  }

  async attach(files) {
    for (const file of files) {
      try {
        this.files.push({ id: await upload(file), name: file.name });
      } catch (error) { toast(error.message); }
    }
    this.paintChips();
    this.area.focus();
  }

  paintChips() {
    this.chips.replaceChildren(...this.files.map((file) => h("span", { class: "chip" }, icon("file"), file.name,
      h("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: () => { this.files = this.files.filter((f) => f !== file); this.paintChips(); } }, "×"))));
  }

  typed() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight, 220)}px`;
    this.hints = this.matching();
    this.at = 0;
    this.paintHints();
  }

  matching() {
    const text = this.area.value;
    if (/^\/\S*$/.test(text)) {
      const known = [...state.app.commands, { name: "/invite", description: `Put ${state.app.name} into this channel`, usage_hint: `@${state.app.name}` }];
      return known.filter((c) => c.name.startsWith(text)).map((c) => ({ put: `${c.name} `, label: c.name, usage: c.usage_hint, hint: c.description }));
    }
    const name = text.slice(0, this.area.selectionStart).match(/(?:^|\s)@([a-z0-9._-]*)$/);
    if (!name) return [];
    return [...state.users.values()].filter((u) => u.name.startsWith(name[1])).map((u) => ({ put: `@${u.name} `, replace: name[1].length + 1, label: `@${u.name}`, hint: u.real_name }));
  }

  paintHints() {
    this.hintBox.hidden = !this.hints.length;
    this.hintBox.replaceChildren(...this.hints.map((hint, index) => h("button", { type: "button", role: "option", "aria-selected": String(index === this.at), class: index === this.at ? "at" : "",
      onpointerdown: (event) => { event.preventDefault(); this.take(hint); } },
      h("b", {}, hint.label), hint.usage && h("code", {}, hint.usage), h("small", {}, hint.hint))));
  }

  take(hint) {
    const end = this.area.selectionStart;
    const start = hint.replace ? end - hint.replace : 0;
    this.area.setRangeText(hint.put, start, end, "end");
    this.hints = [];
    this.paintHints();
    this.area.focus();
  }

  key(event) {
    if (this.hints.length && ["ArrowDown", "ArrowUp", "Tab", "Escape"].includes(event.key)) {
      event.preventDefault();
      if (event.key === "Escape") this.hints = [];
      else if (event.key === "Tab") return this.take(this.hints[this.at]);
      else this.at = (this.at + (event.key === "ArrowDown" ? 1 : this.hints.length - 1)) % this.hints.length;
      return this.paintHints();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return undefined;
    event.preventDefault();
    const hint = this.hints[this.at];
    if (hint && hint.put.trim() !== this.area.value.trim()) return this.take(hint);
    return this.send();
  }

  async send() {
    const text = this.area.value.trim();
    const { channel, thread_ts } = this.where();
    if (!text && !this.files.length) return;
    const isCommand = /^\/[a-z][\w-]*(\s|$)/.test(text) && !this.files.length;
    if (isCommand && this.thread) return toast("Slash commands do not work in threads. Use the channel's own field.");
    if (isCommand && ![...state.app.commands.map((c) => c.name), "/invite"].includes(text.split(/\s/)[0])) return toast(`${text.split(/\s/)[0]} is not a command here.`);
    const files = this.files;
    this.area.value = "";
    this.files = [];
    this.hints = [];
    this.paintChips();
    this.typed();
    const body = isCommand ? { do: "command", channel, line: text } : { do: "say", channel, text, thread_ts, files: files.map((f) => f.id) };
    const outcome = await doing(body);
    if (outcome.message || (!isCommand && !outcome.ok)) {
      this.area.value ||= text;
      this.files = [...files, ...this.files];
      this.paintChips();
    }
  }
}
