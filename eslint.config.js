import tseslint from 'typescript-eslint';

export default tseslint.config(
  // rules of the type-aware lint are named in directives that this one does not need
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  { ignores: ['dist/', 'coverage/', 'test/golden/'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      // a layout and the values it gives share one name, on purpose
      '@typescript-eslint/no-redeclare': 'off',
      // names like _7 are how a layout declares bits that mean nothing
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
);
