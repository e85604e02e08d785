/**
 * What a hypervisor logged, judged: a call that returned what it must not is named, with the rule that decides, the
 * source of the rule, and what would have been allowed.
 */
import { checkTrace } from 'pagewarden';
import { normative } from 'pagewarden/oracle';

const log = [
  '{"op":"call","name":"host_donate_guest","vm":2,"hpa":"0x3000","gpa":"0x8000","size":"0x1000","ret":0}',
  '{"op":"call","name":"hyp_donate_host","hpa":"0x3000","size":"0x1000","ret":0}',
];
const { summary, forbidden } = checkTrace(log, { implementation: normative });

console.log(summary.allowed, 'allowed,', summary.forbidden, 'forbidden'); // 1 allowed, 1 forbidden
for (const { line, verdict } of forbidden) {
  console.log(`line ${line}: ${verdict.rule}`); // line 2: donate.request.hyp.owner
  console.log(verdict.source); // seed 004, "0: PKVM_ID_HYP"
}
