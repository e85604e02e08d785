import { Command, Option } from 'commander';
import { type Outcome, outcomeJson, translate, whyBits } from '../model/ept/index.ts';
import * as arm64 from './arm64/walk.ts';
import { tableFormats } from './arm64/flags.ts';
import { Exit } from './exit.ts';
import { overMemory, withMemoryOptions } from './live/memory.ts';
import { answerLines } from './walk/lines.ts';
import { narrative } from './walk/narrative.ts';
import { whyBitsJson, whyBitsLines } from './walk/why-bits.ts';
import {
  capabilityNames,
  controlNames,
  requestFromFlags,
  rulesFromFlag,
  type WalkFlags,
} from './walk/request.ts';

const help = `
Output of --json, and of each line of --jsonl:
  {"kind": "allowed", "level", "hpa", "grantedBySpp", "pageSize", "memoryWrites", "pmlIndexAfter"?, "walk"}
  {"kind": "ept_violation" | "ept_misconfig" | "spp_miss" | "spp_misconfig" | "pml_full", "exitReason",
   "qualification", "dontCareMask"?, "gpaField", "level", "cause" | "reason" | "reservedBits", "walk"}
  {"kind": "virtualization_exception", "vector", "qualification", "level", "cause", "memoryWrites", "walk"}
  {"kind": "vmentry_fail", "field", "check", "walk"}
  {"kind": "unknown", "table", "level", "address", "walk"}    the word needed to go on
With --why-bits also "whyBits": {"words": [{"name", "address", "word", "asked", "bits", "named", "words"}], "memories", "of"}:
what each word was asked, in order; the bits looked at; how many words, and memories, answer the same.
Every 64-bit number is a "0x…" string; "walk" holds the addresses read, in order. The exit code is ${Exit.ok} for every
outcome that is known and ${Exit.unknown} for "unknown".

--jsonl reads one vector a line from standard input: "eptp", "memory" ({"0xADDRESS": "0xWORD"}, what is missing is
zero), "access" ({"kind", "gpa", "size", …}), and optionally "spptp", "maxphyaddr", "controls", "state", "id". A line
that is not one gets {"error", "line"}, the rest goes on, and the exit code is ${Exit.badInput}.`;

/** The command `walk`. */
export function walkCommand(): Command {
  return withMemoryOptions(new Command('walk'))
    .description(
      'What the processor does with one guest-physical access: the EPT and SPPT walk, bit by bit',
    )
    .addOption(new Option('--format <format>', 'whose tables').choices(tableFormats).default('ept'))
    .option('--stage2 <vttbr,vtcr>', 'arm64-stage2: VTTBR_EL2 and VTCR_EL2')
    .option('--eptp <word>', 'the EPTP')
    .option('--spptp <word>', 'the SPPTP')
    .option('--gpa <address>', 'the guest-physical address')
    .option('--access <kind[:bytes]>', 'read, write, rmw, execute, shadow_stack_read or shadow_stack_write')
    .option('--maxphyaddr <bits>', 'physical-address width', '52')
    .option('--control <names>', `VM-execution controls that are 1: ${Object.keys(controlNames).join(',')}`)
    .option('--lacks <names>', `capabilities that are missing: ${Object.keys(capabilityNames).join(',')}`)
    .option('--secondary-controls <word>', 'the VMCS field 0x401e, instead of --control')
    .option('--ept-vpid-cap <word>', 'MSR 0x48c, IA32_VMX_EPT_VPID_CAP, instead of --lacks')
    .option('--user', 'a user-mode linear address')
    .option('--page-walk', 'an access to a guest paging structure')
    .option('--no-linear', 'there is no linear address')
    .option('--gla <address>', 'the guest-linear address')
    .option('--guest-read-only', 'the guest page is read-only')
    .option('--guest-nx', 'the guest page is execute-disable')
    .option('--supervisor-shadow-stack', 'the shadow-stack access is a supervisor one')
    .option('--nmi-unblocking', 'the access belongs to an IRET that unblocks NMIs')
    .option('--event-delivery', 'an event is being delivered')
    .option('--pml-index <number>', 'the PML index', '511')
    .option('--pml-address <address>', 'the PML address', '0')
    .option('--ve-info <address>', 'the virtualization-exception information address', '0')
    .option(
      '--reading <names>',
      'answer by other readings of the sources: see pagewarden list (spp-walk, mutants)',
    )
    .option(
      '--why-bits',
      'also which bits of which word decided, and how many memories end in the same way',
    )
    .option('--json', 'one JSON object')
    .option('--jsonl', 'one vector a line on standard input, one outcome a line on standard output')
    .addHelpText('after', help)
    .action(async (flags: WalkFlags) => {
      process.exitCode = flags.jsonl === true ? await walkLines(flags) : await walkOnce(flags);
    });
}

async function walkLines(flags: WalkFlags): Promise<number> {
  const bad = await answerLines(process.stdin, process.stdout, rulesFromFlag(flags.reading));
  if (bad > 0) console.error(`pagewarden: ${bad} line${bad === 1 ? ' is' : 's are'} not a vector`);
  return bad > 0 ? Exit.badInput : Exit.ok;
}

async function walkOnce(flags: WalkFlags): Promise<number> {
  if (flags.format === 'arm64-stage2') return walkStage2(flags);
  const { cpu, access } = requestFromFlags(flags);
  const rules = rulesFromFlag(flags.reading);
  const { result, memory } = await overMemory(flags, 'i386:x86-64', at => ({
    outcome: translate(at, cpu, access, rules),
    why: flags.whyBits === true ? whyBits(at, cpu, access, rules) : undefined,
  }));
  const outcome: Outcome = result.outcome;
  const { why } = result;
  if (flags.json === true) {
    const json = { ...outcomeJson(outcome), ...(why !== undefined && { whyBits: whyBitsJson(why) }) };
    console.log(JSON.stringify(json, undefined, 2));
  } else {
    const lines = [...narrative(cpu, access, outcome), ...(why === undefined ? [] : whyBitsLines(why))];
    for (const line of lines) console.log(line);
  }
  if (outcome.kind !== 'unknown') return Exit.ok;
  const page = outcome.address - (outcome.address % 4096n);
  console.error(`pagewarden: to go on, fetch that page: ${memory.fetch(page)}`);
  return Exit.unknown;
}

async function walkStage2(flags: WalkFlags): Promise<number> {
  const { result } = await overMemory(flags, 'aarch64', memory => arm64.stage2Walk(memory, flags));
  const { stage2, outcome } = result;
  if (flags.json === true) console.log(JSON.stringify(arm64.walkJson(outcome), undefined, 2));
  else for (const line of arm64.walkText(stage2, outcome)) console.log(line);
  return arm64.exitOf(outcome);
}
