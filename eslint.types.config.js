import tseslint from 'typescript-eslint';

/** The rules that need types: slower than the others, so that CI runs them and `npm test` does not. */
export default tseslint.config({ ignores: ['dist/', 'coverage/', 'test/golden/'] }, tseslint.configs.base, {
  files: ['**/*.ts'],
  languageOptions: { parserOptions: { project: ['tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
  linterOptions: { reportUnusedDisableDirectives: 'off' },
  rules: {
    '@typescript-eslint/await-thenable': 'error',
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/no-unnecessary-type-assertion': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': [
      'error',
      { considerDefaultExhaustiveForUnions: true },
    ],
  },
});
