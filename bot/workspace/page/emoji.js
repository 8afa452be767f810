// Short names to characters: those that people and bots use most. An unknown name stays as it is written.

const NAMES = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|eyes 👀|white_check_mark ✅|heavy_check_mark ✔️|x ❌|warning ⚠️|rotating_light 🚨
fire 🔥|tada 🎉|rocket 🚀|sparkles ✨|star ⭐|zap ⚡|boom 💥|bulb 💡|memo 📝|pencil ✏️|pencil2 ✏️|mag 🔍|lock 🔒|unlock 🔓
key 🔑|shield 🛡️|bug 🐛|gear ⚙️|wrench 🔧|hammer 🔨|hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|clock1 🕐
large_green_circle 🟢|large_yellow_circle 🟡|large_orange_circle 🟠|red_circle 🔴|large_blue_circle 🔵|white_circle ⚪|black_circle ⚫
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrows_counterclockwise 🔄|repeat 🔁|heavy_plus_sign ➕|heavy_minus_sign ➖
question ❓|grey_question ❔|exclamation ❗|grey_exclamation ❕|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|construction 🚧
package 📦|file_folder 📁|open_file_folder 📂|page_facing_up 📄|bar_chart 📊|chart_with_upwards_trend 📈|link 🔗|paperclip 📎
bell 🔔|speech_balloon 💬|thought_balloon 💭|robot_face 🤖|computer 💻|cloud ☁️|globe_with_meridians 🌐|credit_card 💳|moneybag 💰
heart ❤️|pray 🙏|clap 👏|raised_hands 🙌|muscle 💪|wave 👋|point_right 👉|ok_hand 👌|100 💯
smile 😄|slightly_smiling_face 🙂|grin 😁|joy 😂|wink 😉|thinking_face 🤔|neutral_face 😐|confused 😕|cry 😢|scream 😱|sunglasses 😎
hospital 🏥|office 🏢|inbox_tray 📥|outbox_tray 📤|wastebasket 🗑️|leftwards_arrow_with_hook ↩️|double_vertical_bar ⏸️|arrow_forward ▶️`;

export const EMOJI = new Map(NAMES.split(/[|\n]/).filter(Boolean).map((pair) => pair.split(" ")));

export const PICKER = ["+1", "eyes", "white_check_mark", "tada", "thinking_face", "heart", "fire", "x"];

export const emoji = (name) => EMOJI.get(name.split("::")[0]) ?? `:${name}:`;

export const withEmoji = (text) => text.replace(/:([a-z0-9_+\-']+):/g, (whole, name) => EMOJI.get(name) ?? whole);
