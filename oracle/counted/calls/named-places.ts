import type { CallArguments, CountedModel } from './model.ts';
import type { LeafSpan, Place } from './place.ts';

const PAGE = 0x1000n;
/** More pages than this of one call are not listed one by one. */
const maxPages = 4096;

function* pages(start: bigint, size: bigint): Generator<bigint> {
  for (let at = 0, page = start - (start % PAGE); page < start + size && at < maxPages; at++, page += PAGE)
    yield page;
}

/** The records and leaves that a call names: of its pages, of its frames, and of what the guest maps there. */
export function* namedPlaces(model: CountedModel, args: CallArguments): Generator<Place> {
  const { vm, nr = 1n } = args;
  const hostStart = args.pa ?? args.phys ?? frame(args.pfn);
  const guestStart = args.gpa ?? frame(args.gfn);
  const size = args.size ?? nr * PAGE;
  if (hostStart !== undefined) for (const page of pages(hostStart, size)) yield* ofPage(page);
  if (guestStart === undefined || vm === undefined) return;
  for (const address of pages(guestStart, size)) {
    yield { kind: 'leaf', table: vm, address };
    for (const span of model.leaves(vm, address, PAGE)) yield* mappedBy(model, span);
  }
}

const frame = (number: bigint | undefined): bigint | undefined =>
  number === undefined ? undefined : BigInt.asUintN(64, number * PAGE);

function* ofPage(address: bigint): Generator<Place> {
  yield { kind: 'record', address };
  yield { kind: 'leaf', table: 'host', address };
  yield { kind: 'el2', address };
}

function* mappedBy(model: CountedModel, span: LeafSpan): Generator<Place> {
  const page = model.pageOf(span);
  if (page !== undefined) yield* ofPage(page);
}
