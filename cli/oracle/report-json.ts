import { addressHex } from '../../model/bits/index.ts';
import type { Finding, Reproduction, TraceReport } from '../../oracle/trace/index.ts';
import { verdictJson } from '../../oracle/protocol/answer.ts';

/** A call as a canonical trace holds it. */
export const callJson = ({ name, args, ret }: Reproduction['calls'][number]) => ({
  op: 'call',
  name,
  ...(args.vm === undefined ? {} : { vm: args.vm }),
  ...(args.hpa === undefined ? {} : { hpa: addressHex(args.hpa) }),
  ...(args.gpa === undefined ? {} : { gpa: addressHex(args.gpa) }),
  size: addressHex(args.size),
  ret,
});

const findingJson = ({ line, text, verdict, reproduction, implementations }: Finding) => ({
  line,
  text,
  ...verdictJson(verdict),
  ...(reproduction === undefined ? {} : { reproduction: reproduction.calls.map(callJson) }),
  ...(implementations === undefined
    ? {}
    : {
        dialects: implementations.map(({ implementation, ...said }) => ({
          dialect: implementation,
          ...said,
        })),
      }),
});

/** The report of `oracle check` as one JSON object; a contract. */
export const reportJson = (report: TraceReport): Record<string, unknown> => ({
  ...report,
  forbidden: report.forbidden.map(findingJson),
  unknown: report.unknown.map(findingJson),
});
