export const polish: Record<string, string> = {};
