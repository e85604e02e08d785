import { useMemo, useState } from 'preact/hooks';
import { translate } from '../../model/ept/index.ts';
import type { WalkAddress } from '../address.ts';
import type { Go } from '../use-address.ts';
import { examples } from './examples.ts';
import { LoadFile } from './load-file.tsx';
import { OutcomeCard } from './outcome-card.tsx';
import { StageList } from './stage-list.tsx';
import { WalkForm } from './walk-form.tsx';
import { formatInput, parseInput, parseInputLine, type WalkInput } from './walk-input.ts';
import { walkStages } from './walk-steps.ts';

interface WalkViewProps {
  readonly address: WalkAddress;
  readonly go: Go;
}

const [first] = examples;

function inputOf({ input, example }: WalkAddress): WalkInput | undefined {
  const chosen = examples.find(({ name }) => name === example) ?? first;
  return (input === undefined ? undefined : parseInputLine(input)) ?? chosen?.input;
}

function Walk({ input }: { input: WalkInput }) {
  const [open, setOpen] = useState<bigint | undefined>();
  const parsed = useMemo(() => parseInput(input), [formatInput(input)]);
  if (!parsed.ok) {
    return (
      <p class="bad" role="alert">
        {parsed.why}
      </p>
    );
  }
  const { memory, cpu, access } = parsed;
  const outcome = translate(memory, cpu, access);
  return (
    <>
      <OutcomeCard outcome={outcome} cpu={cpu} access={access} />
      <StageList
        stages={walkStages(memory, cpu, access, outcome)}
        access={access}
        open={open}
        onOpen={address => setOpen(address === open ? undefined : address)}
      />
    </>
  );
}

/** One access, walked: the words and the access on the left, every level with its decision on the right. */
export function WalkView({ address, go }: WalkViewProps) {
  const input = inputOf(address);
  if (input === undefined) return null;
  return (
    <div class="walk">
      <section class="left" aria-label="the access and the memory">
        <div class="title">
          <h2>Access</h2>
        </div>
        <label class="field">
          <span>begin with</span>
          <select
            value={address.input === undefined ? (address.example ?? first?.name ?? '') : ''}
            onChange={event => go({ view: 'walk', example: event.currentTarget.value })}
          >
            {address.input === undefined ? null : <option value="">your own words</option>}
            {examples.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <LoadFile onInput={loaded => go({ view: 'walk', input: formatInput(loaded) })} input={input} />
        <WalkForm
          input={input}
          onInput={edited => go({ view: 'walk', input: formatInput(edited) }, 'quietly')}
        />
      </section>
      <main class="middle" aria-live="polite">
        <Walk input={input} />
      </main>
    </div>
  );
}
