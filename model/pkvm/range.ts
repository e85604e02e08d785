import type { Word } from '../bits/index.ts';
import type { PageOfCall } from './check.ts';
import { viewOf } from './leaf.ts';
import type { Request } from './rules.ts';
import { PAGE_SIZE } from './tables.ts';

const ADDRESS_SPACE = 1n << 64n;

/**
 * The pages of a range. For well-formed arguments exactly those named; a size that is no multiple of a page is
 * rounded up and an address down, and a range that wraps holds none (facts/pkvm.md 0.2 C1 to C3), which is what is
 * left to do where such arguments are let through.
 */
function* pageAddresses(start: bigint, size: bigint): Generator<bigint> {
  const first = start - (start % PAGE_SIZE);
  const end = first + ((size + PAGE_SIZE - 1n) / PAGE_SIZE) * PAGE_SIZE;
  if (end > ADDRESS_SPACE) return;
  for (let page = first; page < end; page += PAGE_SIZE) yield page;
}

/** One page of a call with its leaves. Where the caller names no page, it is the one that the guest's leaf maps. */
export function pageOf<W extends Word>(
  { tables, args, operation }: Request<W>,
  hpa: bigint | undefined,
  gpa: bigint,
): PageOfCall<W> {
  const vm = operation.names === 'hpa' ? 0 : (args.vm ?? 0);
  const guestLeaf = (): W => tables.guest(vm, gpa);
  const page = hpa ?? viewOf(guestLeaf()).page;
  return { hpa: page, gpa, vm, hostLeaf: () => tables.host(page), guestLeaf };
}

/**
 * The pages of the call, made one at a time: a range may be as long as the address space, and the first page that
 * fails its check ends the call.
 */
export function pagesOf<W extends Word>(request: Request<W>): Iterable<PageOfCall<W>> {
  const { operation, args, rules } = request;
  const { hpa = 0n, gpa = 0n, size } = args;
  const namesHpa = operation.names !== 'gpa';
  return {
    *[Symbol.iterator]() {
      const gpas = pageAddresses(gpa, operation.names === 'hpa' ? 0n : size);
      for (const page of pageAddresses(namesHpa ? hpa : gpa, size)) {
        const { value: guestPage } = gpas.next();
        yield rules.pageOf(request, namesHpa ? page : undefined, guestPage ?? 0n);
      }
    },
  };
}
