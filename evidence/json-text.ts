/** What a JSON text holds, or why it is none. A key that is given twice is refused: which value was meant nobody knows. */
export type JsonResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** Reads JSON from outside. */
export function readJson(text: string): JsonResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, why: `not JSON: ${error.message.slice(0, 160)}` };
    throw error;
  }
  const twice = doubledKey(text);
  return twice === undefined
    ? { ok: true, value }
    : { ok: false, why: `the key ${JSON.stringify(twice.slice(0, 40))} is given twice` };
}

const quote = 0x22;
const backslash = 0x5c;

/** The end of the string that begins at `start`, behind its closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at + 1;
  }
}

/** The first key that an object of a well-formed text has twice. */
function doubledKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '{':
        open.push(new Set());
        break;
      case '[':
        open.push(undefined);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (keys !== undefined && isKey(text, end)) {
          const raw = text.slice(at + 1, end - 1);
          const key = raw.includes('\\') ? String(JSON.parse(text.slice(at, end))) : raw;
          if (keys.has(key)) return key;
          keys.add(key);
        }
        at = end - 1;
      }
    }
  }
  return undefined;
}

/** Whether a colon follows. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (/[ \t\r\n]/.test(text.charAt(at))) at++;
  return text.charAt(at) === ':';
}
