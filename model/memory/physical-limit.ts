/** Physical addresses have at most 52 bits. SDM vol. 3A, "Physical Address Space". */
export const physicalLimit = 2n ** 52n;
