import { isState, recordedState } from './meaning.ts';
import { nameOf, type PageEvidence } from './page-rules.ts';

/** Who owns a page, by every witness, and who else may see it. */
export function ownerOf(
  { host, record, claims }: PageEvidence,
  unnamed: readonly number[],
): { readonly owner: string; readonly sharedWith: readonly string[] } {
  const owners = new Set<string>();
  const sharedWith = new Set<string>();
  for (const { handle, state } of claims)
    if (state === 'SHARED_BORROWED') sharedWith.add(nameOf(handle));
    else if (record !== undefined || host?.meaning.kind === 'guest') owners.add(nameOf(handle));
    else sharedWith.add(nameOf(handle));
  const meaning = host?.meaning;
  const isReadOnly = meaning?.kind === 'mapped' && meaning.isReadOnly;
  if (meaning?.kind === 'guest') owners.add(nameOf(meaning.handle));
  if (meaning?.kind === 'hypervisor') owners.add('hypervisor');
  if (meaning?.kind === 'ffa') owners.add('FF-A');
  if (meaning?.kind === 'lazy' || meaning?.kind === 'mapped') {
    const state =
      record === undefined
        ? meaning.kind === 'mapped'
          ? meaning.state
          : 'OWNED'
        : recordedState(record.host);
    if (state === 'SHARED_BORROWED') {
      sharedWith.add('host');
      if (record === undefined) owners.add('hypervisor'); // normal guests are not tracked: only it lends
    } else if (state === 'NOPAGE' && isReadOnly) sharedWith.add('host (read only)');
    else if (state === 'OWNED' || state === 'SHARED_OWNED') owners.add('host');
  }
  if (record !== undefined && isState(record.hyp, 'OWNED')) owners.add('hypervisor');
  if (record !== undefined && isState(record.hyp, 'SHARED_BORROWED')) sharedWith.add('hypervisor');
  if (owners.size === 0 && sharedWith.has('host') && unnamed.length > 0) owners.add('a guest not given');
  return { owner: owners.size === 0 ? 'unknown' : [...owners].join(' and '), sharedWith: [...sharedWith] };
}
