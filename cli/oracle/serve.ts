import { Command } from 'commander';
import { serve } from '../../oracle/node/serve.ts';
import { Session } from '../../oracle/session/index.ts';
import { Exit } from '../exit.ts';
import { type ImplementationFlags, implementationOf, withImplementationOption } from './implementation.ts';

const help = `
One JSON object a line in, one a line out, in order, "id" echoed. 64-bit numbers are "0x…" strings. Ops:
  hello     {"protocol": 1, "implementation", "machine": {"ram": [["0x0", "0x200000"]], "vms": [{"id": 2, "kind": "protected"}],
            "pages", "gpas", "initially"}}; kinds: protected, normal, any
  call      {"name": "host_share_guest", "vm", "hpa", "gpa", "size", "prot", "ret", "leaves"}; without "ret" and
            "leaves" the call is predicted and applied
  predict   as call: everything that may happen, nothing applied
  observe   {"leaves"}    access {"who", "kind", "address", "outcome"}    violation {"who", "address", "result", "hpa"}
  read      {"table": "host" | id, "address"}: the leaf word    mem {"words"}: words of physical memory
  walk      {"eptp", "spptp", "access": {"kind", "gpa", "size"}, "controls", "outcome"}: the hardware's walk over "mem"
  nested_state  {"buffer": "hex" | null, "vcpu": {"vendor": "vmx" | "svm"}, "revision", "ret"}: KVM_SET_NESTED_STATE
  gap       {"lost"}: events are missing    snapshot, restore {"name"}    end: summary and coverage
Answers have "ok"; to a call: "ret", "errno", "rule", "writes": [{"table", "address", "before", "after"}], and where
something was observed "verdict": allowed | forbidden | unknown | out-of-scope. A line that is not understood is
answered with {"ok": false, "error": {"code", "message"}} and the session goes on. "pagewarden schema request" prints
the JSON Schema. The exit code is ${Exit.forbidden} if anything was forbidden, ${Exit.unknown} if anything was unknown, else ${Exit.ok}.`;

export const serveCommand = (): Command =>
  withImplementationOption(
    new Command('serve').description(
      'Answers JSON Lines on standard input: verdicts on calls, accesses and leaves as they happen',
    ),
    ', unless hello says otherwise',
  )
    .addHelpText('after', help)
    .action(async (flags: ImplementationFlags) => {
      const session = new Session(implementationOf(flags));
      await serve(session, process.stdin, process.stdout);
      const { forbidden, unknown } = session.summary;
      process.exitCode = forbidden > 0 ? Exit.forbidden : unknown > 0 ? Exit.unknown : Exit.ok;
    });
