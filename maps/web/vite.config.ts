import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

/** One family name for page, map labels and documents, whatever the font package calls its variable font. */
const oneFamilyName: Plugin = {
  name: 'one-family-name',
  enforce: 'pre',
  transform(code, id) {
    if (!/@fontsource.+\.css/.test(id)) return null
    return { code: code.replaceAll('Noto Sans SC Variable', 'Noto Sans SC'), map: null }
  },
}

export default defineConfig({
  plugins: [oneFamilyName, vue()],
  base: '/',
  worker: { format: 'es' },
  build: { target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 1200, assetsInlineLimit: 0 },
  server: { proxy: { '/api': 'http://127.0.0.1:8420' } },
})
