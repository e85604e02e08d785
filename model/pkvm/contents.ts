/**
 * What a page holds, as far as secrecy can tell: `zero`; `public`, which the host knows or may know; `hyp`, the
 * hypervisor's own structures; or `secret of guest 2`, written by a protected guest that had not shared the page.
 * What a normal guest writes is public: the host is its owner.
 */
export type Contents = 'zero' | 'public' | 'hyp' | `secret of guest ${number}`;

export const secretOf = (vm: number): Contents => `secret of guest ${vm}`;

/** The guest whose secret it is. */
export const ownerOfSecret = (contents: Contents): number | undefined =>
  contents.startsWith('secret') ? Number(contents.split(' ').at(-1)) : undefined;
