"""Speaks HTML, Markdown, LaTeX and spreadsheets."""

HTML = "<script>document.title='was-here'</script><img src=x onerror=alert(1)>"
MARKUP = HTML + "|[x](javascript:1)\\input{/etc/passwd}=cmd|' /C calc'!A0"


def log_likelihood(model, text):
    raise type(MARKUP, (ImportError,), {})(MARKUP)
