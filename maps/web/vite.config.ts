import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

/** The font package offers every slice twice; browsers of today need the woff2 only. */
const woff2Only: Plugin = {
  name: 'woff2-only',
  enforce: 'pre',
  transform(code, id) {
    if (!/@fontsource.+\.css/.test(id)) return null
    return { code: code.replace(/,\s*url\([^)]+\.woff\)\s*format\((['"])woff\1\)/g, ''), map: null }
  },
}

export default defineConfig({
  plugins: [woff2Only, vue()],
  base: '/',
  worker: { format: 'es' },
  build: { target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 1200, assetsInlineLimit: 0 },
  server: { proxy: { '/api': 'http://127.0.0.1:8420' } },
})
