import '@fontsource/noto-sans-sc/400.css'
import '@fontsource/noto-sans-sc/600.css'
import './style.css'
import { openPage } from './page'

const root = document.getElementById('app')
if (root) openPage(root)
