"""How the platform runs whole on one machine.

Owns the embedded servers, the mail catcher and the processes of `make demo` and `make walkthrough`. Never imports Django or an app of
the platform: it starts them as programs and tells them everything through their environment.
"""
