"""What Graph is asked, one module a subject, each answer's shape above the call that returns it. Changes nothing."""
