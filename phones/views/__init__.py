"""The pages of the desk, one subject a module. Views fetch through `visible_to`, call one service, choose a template."""
