import '@fontsource-variable/noto-sans-sc/wght.css'
import './style.css'
import './card.css'
import './data.css'
import './intake.css'
import './scheme.css'
import './compare.css'
import { openPage } from './page'

const root = document.getElementById('app')
if (root) openPage(root)
