"""The pages of the desk, a subject a module. Views fetch through `visible_to`, call one service, pick a template."""
