// What the person sees, kept in step with the server: a snapshot, then a stream of changes.

const params = new URLSearchParams(location.search);

export const state = {
  as: params.get("as") || "dana",
  me: "",
  seq: 0,
  team: {},
  app: { name: "", bot_user: "", commands: [], shortcuts: [] },
  users: new Map(),
  channels: new Map(),
  messages: new Map(),
  views: { stack: [], home: null },
  statuses: new Map(),
  sessions: new Map(),
  prompts: new Map(),
  channel: params.get("channel") || "",
  thread: params.get("ts") || "",
  tab: "messages",
  unread: new Set(),
};

const watchers = [];
export const watch = (watcher) => watchers.push(watcher);
const changed = (kind, payload) => watchers.forEach((watcher) => watcher(kind, payload));

export const userName = (id) => state.users.get(id)?.name ?? id;
export const channelName = (id) => state.channels.get(id)?.name ?? id;
export const threadKey = (channel, ts) => `${channel}/${ts}`;

export async function act(body) {
  const answer = await fetch(`/person/act?user=${encodeURIComponent(state.as)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Local-Workspace": "1" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The workspace answered ${answer.status}.`);
  return answer.json();
}

export async function upload(file) {
  const where = `/person/upload?user=${encodeURIComponent(state.as)}&name=${encodeURIComponent(file.name)}`;
  const answer = await fetch(where, { method: "POST", headers: { "X-Local-Workspace": "1" }, body: file });
  if (!answer.ok) throw new Error(`${file.name} could not be uploaded.`);
  return (await answer.json()).id;
}

export const messagesOf = (channel) =>
  [...state.messages.values()].filter((m) => m.channel === channel).sort((a, b) => (a.ts < b.ts ? -1 : 1));

export const isReply = (m) => Boolean(m.thread_ts) && m.thread_ts !== m.ts;

export function remember() {
  const kept = new URLSearchParams({ as: state.as, channel: state.channel });
  if (state.thread) kept.set("ts", state.thread);
  history.replaceState(null, "", `/?${kept}`);
}

async function load() {
  const answer = await fetch(`/person/state?user=${encodeURIComponent(state.as)}`);
  if (!answer.ok) throw new Error(`There is nobody called ${state.as} here.`);
  const now = await answer.json();
  const by = (rows, key) => new Map(rows.map((row) => [key(row), row]));
  Object.assign(state, { seq: now.seq, team: now.team, me: now.me, app: now.app, views: now.views });
  state.users = by(now.users, (u) => u.id);
  state.channels = by(now.channels, (c) => c.id);
  state.messages = by(now.messages, (m) => m.ts);
  state.statuses = new Map(now.statuses.map((s) => [threadKey(s.channel, s.thread_ts), s.status]));
  state.sessions = by(now.sessions, (s) => threadKey(s.channel, s.thread_ts));
  state.prompts = new Map(Object.entries(now.prompts));
  if (!state.channels.has(state.channel)) {
    const mine = now.channels.filter((c) => c.member && c.type !== "im");
    state.channel = (mine[0] ?? now.channels[0]).id;
    state.thread = "";
  }
  changed("all");
}

const STATUS_LASTS = 120_000; // Slack clears a status after two minutes without a message
const expiry = new Map();

const APPLY = {
  message(m) {
    const fresh = !state.messages.has(m.ts);
    state.messages.set(m.ts, m);
    if (fresh && m.user !== state.me && m.channel !== state.channel) state.unread.add(m.channel);
    if (isReply(m)) refreshRoot(m);
  },
  message_deleted(gone) { state.messages.delete(gone.ts); },
  views(views) { state.views = views; },
  status(s) {
    const key = threadKey(s.channel, s.thread_ts);
    state.statuses.set(key, s.status);
    clearTimeout(expiry.get(key));
    expiry.set(key, setTimeout(() => { state.statuses.delete(key); changed("status", s); }, STATUS_LASTS));
  },
  session(s) { state.sessions.set(threadKey(s.channel, s.thread_ts), s); },
  prompts(p) { state.prompts.set(p.channel, p); },
  channel(c) { state.channels.set(c.id, { ...state.channels.get(c.id), has_app: c.has_app }); },
};

// A reply changes what stands under its root: give the root a new identity, so that it is painted again.
function refreshRoot(reply) {
  const root = state.messages.get(reply.thread_ts);
  if (root) state.messages.set(root.ts, { ...root });
}

export function follow(onOffline) {
  const stream = new EventSource(`/person/stream?user=${encodeURIComponent(state.as)}`);
  let loading = null;
  stream.addEventListener("hello", () => {
    onOffline(false);
    loading = load().catch((error) => changed("failed", error));
  });
  stream.addEventListener("change", async (event) => {
    await loading;
    const change = JSON.parse(event.data);
    if (change.seq <= state.seq) return;
    state.seq = change.seq;
    APPLY[change.kind]?.(change.payload);
    changed(change.kind, change.payload);
  });
  stream.addEventListener("error", () => onOffline(true));
}
