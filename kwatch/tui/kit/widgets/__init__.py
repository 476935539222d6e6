"""Parts of screens: header, footer, prompt, titles of tabs; `bar` is the line of parts that most of them paint."""
