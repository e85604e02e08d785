import { accessKinds } from '../../model/ept/index.ts';
import { switches, type WalkInput } from './walk-input.ts';

interface WalkFormProps {
  readonly input: WalkInput;
  readonly onInput: (input: WalkInput) => void;
}

/** The words and the access, to be edited; the walk follows every key. */
export function WalkForm({ input, onInput }: WalkFormProps) {
  const text = (key: 'gpa' | 'size' | 'eptp' | 'spptp' | 'maxphyaddr', label: string) => (
    <label class="field">
      <span>{label}</span>
      <input
        value={input[key]}
        spellcheck={false}
        autocomplete="off"
        onInput={event => onInput({ ...input, [key]: event.currentTarget.value })}
      />
    </label>
  );
  const flip = (name: string): void => {
    const on = input.switches.includes(name)
      ? input.switches.filter(other => other !== name)
      : [...input.switches, name];
    onInput({ ...input, switches: on });
  };
  return (
    <form class="form" onSubmit={event => event.preventDefault()}>
      <label class="field">
        <span>access</span>
        <select
          value={input.kind}
          onChange={event => {
            const kind = accessKinds.find(known => known === event.currentTarget.value);
            if (kind !== undefined) onInput({ ...input, kind });
          }}
        >
          {accessKinds.map(kind => (
            <option key={kind} value={kind}>
              {kind.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </label>
      {text('gpa', 'guest-physical address')}
      {text('size', 'bytes')}
      {text('eptp', 'EPTP')}
      {text('spptp', 'SPPTP')}
      {text('maxphyaddr', 'physical-address bits')}
      <fieldset>
        <legend>controls and circumstances</legend>
        {switches.map(({ name, label }) => (
          <label key={name} class="switch">
            <input type="checkbox" checked={input.switches.includes(name)} onChange={() => flip(name)} />{' '}
            {label}
          </label>
        ))}
      </fieldset>
      <label class="field wide">
        <span>memory: one address and its word a line</span>
        <textarea
          rows={9}
          spellcheck={false}
          value={input.memory}
          onInput={event => onInput({ ...input, memory: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>a word not listed is</span>
        <select
          value={input.unlisted}
          onChange={event =>
            onInput({ ...input, unlisted: event.currentTarget.value === 'unknown' ? 'unknown' : 'zero' })
          }
        >
          <option value="zero">zero</option>
          <option value="unknown">unknown</option>
        </select>
      </label>
    </form>
  );
}
