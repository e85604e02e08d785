import { useLayoutEffect } from 'preact/hooks';

/** The keys of the page, as its help lists them. */
export const keyHelp: readonly (readonly [keys: string, what: string])[] = [
  ['j  k', 'next, previous call in the list'],
  ['Enter', 'make the call'],
  ['u', 'undo the last call'],
  ['r', 'redo it'],
  ['b', 'back to the beginning'],
  ['f', 'filter the calls'],
  ['1  2  3', 'protocol, around here, properties'],
  ['c', 'check every state'],
  ['?', 'this list'],
];

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName);

/** Answers keys that are pressed alone, wherever the focus is but in a field. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  // with the picture of the state, not after it: a key that is pressed at once is answered by what is shown
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const act = actions[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}

/** Moves the focus to the next call in the list, or the previous one, around the ends. */
export function moveAmongCalls(by: 1 | -1): void {
  const calls = [...document.querySelectorAll<HTMLButtonElement>('button.call')];
  const at = calls.findIndex(call => call === document.activeElement);
  const next = at === -1 ? (by === 1 ? 0 : calls.length - 1) : (at + by + calls.length) % calls.length;
  calls[next]?.focus();
  calls[next]?.scrollIntoView({ block: 'nearest' });
}
