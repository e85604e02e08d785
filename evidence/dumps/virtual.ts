/** What gives a dump of *virtual* memory away, and the command that reads physical memory instead. */

const physically: Record<string, string> = {
  'qemu-xp': 'xp /512gx ADDRESS (x reads virtual memory, xp physical)',
  gdb: 'maintenance packet Qqemu.PhyMemMode:1, and then x/512gx ADDRESS',
  crash: 'rd -p -64 ADDRESS 512',
};

/** How this tool is asked for physical memory. */
export const physicalCommand = (format: string): string => physically[format] ?? 'xp /512gx ADDRESS';

/** The format whose prompt a line echoes, and whether the command that follows reads virtual memory. */
export function echoedCommand(
  line: string,
): { readonly format: string; readonly isVirtual: boolean } | undefined {
  const qemu = /^\(qemu\)\s*(\S*)/.exec(line);
  if (qemu !== null) return { format: 'qemu-xp', isVirtual: /^x(?:\/|$)/.test(qemu[1] ?? '') };
  const crash = /^crash>\s*(.*)/.exec(line);
  if (crash !== null) {
    const command = crash[1] ?? '';
    return { format: 'crash', isVirtual: /^rd\b/.test(command) && !/\s-\w*p/.test(command) };
  }
  const windbg = /^(?:\d+: )?(?:l?kd|\d+:\d+)>\s*(.*)/.exec(line);
  if (windbg !== null) return { format: 'windbg', isVirtual: /^d[qdpb]?\b/.test(windbg[1] ?? '') };
  const bochs = /^(?:<bochs:\d+>|\[bochs\]:)\s*(\S*)/.exec(line);
  if (bochs !== null) return { format: 'bochs', isVirtual: /^x(?:\/|$)/.test(bochs[1] ?? '') };
  return /^\(gdb\)/.test(line) ? { format: 'gdb', isVirtual: false } : undefined;
}
