import { wordHex } from '../model/bits/index.ts';
import type { Suite, SuiteStep } from './suite.ts';

const tableNumber = (table: 'host' | number): number => (table === 'host' ? 0 : table);
const camel = (name: string): string =>
  name
    .split('_')
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

function stepRow(step: SuiteStep): string {
  const { name, args, tablePages, ret, rule, changes } = step;
  const { prot } = args;
  const bits =
    prot === undefined ? 0 : Number(prot.read) + 2 * Number(prot.write) + 4 * Number(prot.execute);
  const call = [
    `op: Op::${camel(name)}`,
    `vm: ${args.vm ?? 0}`,
    `hpa: ${wordHex(args.hpa ?? 0n)}`,
    `gpa: ${wordHex(args.gpa ?? 0n)}`,
    `size: ${wordHex(args.size)}`,
    `prot: ${bits}`,
    `no_table_pages: ${tablePages === 'exhausted'}`,
  ];
  const changed = changes.map(({ leaf, after }) => `(${leaf}, ${wordHex(after)})`);
  return `    Step { call: Call { ${call.join(', ')} }, ret: ${ret}, rule: "${rule}", changes: &[${changed.join(', ')}] },`;
}

const types = (operations: readonly string[]): string => `
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
${operations.map(name => `    ${camel(name)},`).join('\n')}
}

/// One call. Arguments that an operation does not have are 0. prot: bit 0 read, bit 1 write, bit 2 execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub op: Op,
    pub vm: u32,
    pub hpa: u64,
    pub gpa: u64,
    pub size: u64,
    pub prot: u32,
    pub no_table_pages: bool,
}

/// A leaf: table 0 is the host EPT, any other the table of the guest with this owner id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub table: u32,
    pub address: u64,
    pub initial: u64,
}

#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub call: Call,
    pub ret: i32,
    pub rule: &'static str,
    pub changes: &'static [(usize, u64)],
}

#[derive(Clone, Copy, Debug)]
pub struct Test {
    pub key: &'static str,
    pub steps: &'static [Step],
}

/// The implementation under test.
pub trait Dut {
    /// All pages owned by the host, nothing mapped in any guest.
    fn reset(&mut self);
    fn call(&mut self, call: &Call) -> i32;
    fn leaf(&mut self, table: u32, address: u64) -> u64;
    /// Makes the pool of table pages empty or full; returns false where that cannot be done.
    fn table_pages(&mut self, _available: bool) -> bool {
        false
    }
}

/// The first thing that is wrong in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    pub test: &'static str,
    pub step: usize,
    pub call: Call,
    pub rule: &'static str,
    /// None where the result is wrong.
    pub leaf: Option<Leaf>,
    pub expected: u64,
    pub found: u64,
}

fn step_result<D: Dut>(dut: &mut D, expected: &mut [u64], step: &Step) -> Result<(), (Option<Leaf>, u64, u64)> {
    let ret = dut.call(&step.call);
    if step.call.no_table_pages {
        dut.table_pages(true);
    }
    if ret != step.ret {
        return Err((None, step.ret as i64 as u64, ret as i64 as u64));
    }
    for &(leaf, after) in step.changes {
        expected[leaf] = after;
    }
    for (leaf, &word) in LEAVES.iter().zip(expected.iter()) {
        let found = dut.leaf(leaf.table, leaf.address);
        if found != word {
            return Err((Some(*leaf), word, found));
        }
    }
    Ok(())
}

/// Runs one test from a fresh start.
pub fn run_test<D: Dut>(dut: &mut D, test: &Test) -> Result<(), Failure> {
    let mut expected = [0u64; LEAVES.len()];
    for (word, leaf) in expected.iter_mut().zip(LEAVES.iter()) {
        *word = leaf.initial;
    }
    dut.reset();
    for (at, step) in test.steps.iter().enumerate() {
        if step.call.no_table_pages && !dut.table_pages(false) {
            continue; // it changes nothing, so the rest of the test does not depend on it
        }
        if let Err((leaf, expected, found)) = step_result(dut, &mut expected, step) {
            return Err(Failure { test: test.key, step: at, call: step.call, rule: step.rule, leaf, expected, found });
        }
    }
    Ok(())
}

/// Runs every test; the first failure of any.
pub fn run<D: Dut>(dut: &mut D) -> Result<usize, Failure> {
    for test in TESTS {
        run_test(dut, test)?;
    }
    Ok(TESTS.len())
}
`;

/** A module without \`std\`: the suite as constants, a trait for the implementation, and a runner. */
export function suiteAsRust(suite: Suite, operations: readonly string[]): string {
  const { leaves, tests, guarantee, vms } = suite;
  const steps = tests.map(
    ({ steps: own }, at) =>
      `static STEPS_${at}: [Step; ${own.length}] = [\n${own.map(stepRow).join('\n')}\n];`,
  );
  const leafRows = leaves.map(
    ({ table, address, initial }) =>
      `    Leaf { table: ${tableNumber(table)}, address: ${wordHex(address)}, initial: ${wordHex(initial)} },`,
  );
  const testRows = tests.map(({ key }, at) => `    Test { key: "${key}", steps: &STEPS_${at} },`);
  const vmRows = vms.map(({ id, kind }) => `    (${id}, ${kind === 'protected'}),`);
  return [
    `//! Generated by pagewarden from the proven model ${suite.system}/${suite.profile}. Do not edit.`,
    `//! Guarantee: ${guarantee.sentence}.`,
    types(operations),
    `/// The guests: owner id, and whether it is a protected VM.\npub static VMS: [(u32, bool); ${vms.length}] = [\n${vmRows.join('\n')}\n];`,
    `pub static LEAVES: [Leaf; ${leaves.length}] = [\n${leafRows.join('\n')}\n];`,
    ...steps,
    `pub static TESTS: &[Test] = &[\n${testRows.join('\n')}\n];`,
    '',
  ].join('\n');
}
