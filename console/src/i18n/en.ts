/** English is its own key; only plural forms need to be said. */
export const english: Record<string, string> = {
  "{{count}} members_one": "{{count}} member",
  "{{count}} members_other": "{{count}} members",
  "{{count}} lines_one": "{{count}} line",
  "{{count}} lines_other": "{{count}} lines",
  "{{count}} messages_one": "{{count}} message",
  "{{count}} messages_other": "{{count}} messages",
  "{{count}} replies_one": "{{count}} reply",
  "{{count}} replies_other": "{{count}} replies",
  "{{count}} clicks_one": "{{count}} click",
  "{{count}} clicks_other": "{{count}} clicks",
  "{{count}} selected_one": "{{count}} selected",
  "{{count}} selected_other": "{{count}} selected",
  "{{count}} people type_one": "Somebody types …",
  "{{count}} people type_other": "{{count}} people type …",
};
