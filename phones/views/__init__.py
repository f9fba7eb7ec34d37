"""The pages of the desk, a subject a module. A view fetches through `visible_to`, calls one service, picks a template."""
