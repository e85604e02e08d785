/** The C to paste into the implementation, so that its calls appear in the log. */
export const printkSnippet = `/*
 * Paste into the file that implements the page-state API and call it at the end of each function, while the lock of
 * the host EPT is still held, so that "seq" is the order of the calls. vm, gpa and prot are 0 where there are none.
 *
 *     int __pkvm_host_share_guest(u64 hpa, struct pkvm_pgtable *pgt, u64 gpa, u64 size, u64 prot)
 *     {
 *             ...
 *             pagewarden_log("host_share_guest", vm, hpa, gpa, size, prot, ret);
 *
 * Once, when protection is finalised: pagewarden_hello(start, end) with the RAM.
 */
static u64 pagewarden_seq;

#define pagewarden_hello(ram_start, ram_end) \\
	trace_printk("pagewarden: hello ram=0x%llx-0x%llx\\n", (u64)(ram_start), (u64)(ram_end))

#define pagewarden_log(name, vm, hpa, gpa, size, prot, ret)                                        \\
	trace_printk("pagewarden: seq=%llu " name " vm=%d hpa=0x%llx gpa=0x%llx size=0x%llx"       \\
		     " prot=0x%llx ret=%d\\n",                                                      \\
		     ++pagewarden_seq, (int)(vm), (u64)(hpa), (u64)(gpa), (u64)(size),             \\
		     (u64)(prot) & 7, (int)(ret))
`;
