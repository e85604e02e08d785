/** The error numbers that SPP's ioctls return, negated, as Linux numbers them. */
export const Errno = { EPERM: 1, ENOMEM: 12, EFAULT: 14, ENODEV: 19, EINVAL: 22 } as const;
export type ErrnoName = keyof typeof Errno;

/** What a failing ioctl returns: `-14` for `EFAULT`. */
export const failure = (name: ErrnoName): number => -Errno[name];

/** `-EFAULT` for -14; a number that is no error as it stands. */
export function errnoText(result: number): string {
  const name = Object.entries(Errno).find(([, number]) => number === -result)?.[0];
  return name === undefined ? String(result) : `-${name}`;
}
