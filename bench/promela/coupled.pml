/*
 * ownership with three shared gpas, two protected and two normal guests, ranges of two pages, well-formed calls on
 * guests of the right kind: written by hand, for speed. spin -DPAGES=5 or 6 [-DREFUSED].
 *
 * `host` holds two bits a page (0 the host's, 1 the hypervisor's, 2 with a guest), and from bit 12 on three bits for
 * each leaf of the normal guests: 0, or the page that it maps and one. `guarded` holds four bits for each leaf of the
 * protected guests: three of the same kind, and whether the guest shared the page back. A range is two neighbouring
 * fields under one mask. Leaf 0 to 2 is the first guest's, 3 to 5 the second's.
 */
int host = 0;
int guarded = 0;

#ifdef REFUSED
#define CALL(guard, change) :: d_step { if :: guard -> change :: else fi }
#else
#define CALL(guard, change) :: d_step { guard; change }
#endif

#define PAGE(p) (2 * (p))
#define LENT(l) (12 + 3 * (l))
#define LEAF(l) (4 * (l))

/* Fields of one page, and of two. */
#define PAGE_1 3
#define PAGE_2 15
#define HYP_1 1
#define HYP_2 5
#define GUEST_1 2
#define GUEST_2 10
#define LENT_1 7
#define LENT_2 63
#define LEAF_1 15
#define LEAF_2 255
#define MAPS_1 7
#define MAPS_2 119
#define BACK_1 8
#define BACK_2 136
#define LENT_OF_1(p) ((p) + 1)
#define LENT_OF_2(p) (((p) + 1) | (((p) + 2) << 3))
#define LEAF_OF_1(p) ((p) + 1)
#define LEAF_OF_2(p) (((p) + 1) | (((p) + 2) << 4))
#define MAPPED_1(l) ((guarded & (MAPS_1 << LEAF(l))) != 0)
#define MAPPED_2(l) (MAPPED_1(l) && MAPPED_1((l) + 1))

#define IS_HOST(p, n) ((host & (PAGE_##n << PAGE(p))) == 0)

#define ON_PAGE(p, n) \
  CALL(IS_HOST(p, n), host = host ^ (HYP_##n << PAGE(p))) /* host_donate_hyp */ \
  CALL((host & (PAGE_##n << PAGE(p))) == (HYP_##n << PAGE(p)), host = host ^ (HYP_##n << PAGE(p))) /* hyp_donate_host */

/* host_share_guest, host_unshare_guest, host_donate_guest, host_undonate_guest */
#define ON_BOTH(p, l, n) \
  CALL((IS_HOST(p, n) && (host & (LENT_##n << LENT(l))) == 0), \
       host = host ^ ((GUEST_##n << PAGE(p)) | (LENT_OF_##n(p) << LENT(l)))) \
  CALL((host & (LENT_##n << LENT(l))) == (LENT_OF_##n(p) << LENT(l)), \
       host = host ^ ((GUEST_##n << PAGE(p)) | (LENT_OF_##n(p) << LENT(l)))) \
  CALL((IS_HOST(p, n) && (guarded & (LEAF_##n << LEAF(l))) == 0), \
       host = host ^ (GUEST_##n << PAGE(p)); guarded = guarded ^ (LEAF_OF_##n(p) << LEAF(l))) \
  CALL((guarded & (MAPS_##n << LEAF(l))) == (LEAF_OF_##n(p) << LEAF(l)), \
       host = host ^ (GUEST_##n << PAGE(p)); guarded = guarded & ~(LEAF_##n << LEAF(l)))

/* guest_share_host, guest_unshare_host */
#define ON_LEAF(l, n) \
  CALL((MAPPED_##n(l) && (guarded & (BACK_##n << LEAF(l))) == 0), guarded = guarded ^ (BACK_##n << LEAF(l))) \
  CALL((guarded & (BACK_##n << LEAF(l))) == (BACK_##n << LEAF(l)), guarded = guarded ^ (BACK_##n << LEAF(l)))

#define ONE(p) \
  ON_PAGE(p, 1) \
  ON_BOTH(p, 0, 1) ON_BOTH(p, 1, 1) ON_BOTH(p, 2, 1) ON_BOTH(p, 3, 1) ON_BOTH(p, 4, 1) ON_BOTH(p, 5, 1)
#define TWO(p) \
  ON_PAGE(p, 2) \
  ON_BOTH(p, 0, 2) ON_BOTH(p, 1, 2) ON_BOTH(p, 3, 2) ON_BOTH(p, 4, 2)

active proctype calls() {
  do
  ONE(0) ONE(1) ONE(2) ONE(3) ONE(4)
  TWO(0) TWO(1) TWO(2) TWO(3)
#if PAGES > 5
  ONE(5)
  TWO(4)
#endif
  ON_LEAF(0, 1) ON_LEAF(1, 1) ON_LEAF(2, 1) ON_LEAF(3, 1) ON_LEAF(4, 1) ON_LEAF(5, 1)
  ON_LEAF(0, 2) ON_LEAF(1, 2) ON_LEAF(3, 2) ON_LEAF(4, 2)
  od
}
