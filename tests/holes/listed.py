"""The list: what is broken, where, and the tests that have to notice. A hole is text in a file with other text in its place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hole:
    """One planted mistake. `edits` are pairs of what stands there, once, and what is put instead. `tests` are paths of pytest."""

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]


def hole(name: str, file: str, old: str, new: str, *tests: str) -> Hole:
    """One with a single edit."""
    return Hole(name, file, ((old, new),), tests)


_MATRIX = "tests/agency/test_web_matrix.py::"
_ISOLATION = "tests/agency/test_isolation.py::"
_FACTOR = "tests/agency/test_second_factor.py::"
_INVITE = "tests/agency/test_invite_people.py::"
_MANAGE = "tests/agency/test_manage_people.py::"
_SEALING = "tests/agency/test_sealing.py::"

HOLES: tuple[Hole, ...] = (
    # --- isolation
    hole(
        "the policy of workspaces lets everything through",
        "agency/database/policies.py",
        "CREATE POLICY workspace ON {table} TO {APP} USING ({own}) WITH CHECK ({own})",
        "CREATE POLICY workspace ON {table} TO {APP} USING (true) WITH CHECK ({own})",
        _ISOLATION + "test_inside_one_workspace_the_other_does_not_exist",
    ),
    hole(
        "a policy checks what is read and not what is written",
        "agency/database/policies.py",
        "CREATE POLICY workspace ON {table} TO {APP} USING ({own}) WITH CHECK ({own})",
        "CREATE POLICY workspace ON {table} TO {APP} USING ({own}) WITH CHECK (true)",
        _ISOLATION + "test_inside_one_workspace_no_row_is_written_into_the_other",
    ),
    hole(
        "row-level security is not forced on the owner",
        "agency/database/policies.py",
        "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        "tests/architecture/test_tables.py::test_every_table_of_a_workspace_is_under_row_level_security_and_forced",
    ),
    Hole(
        "references between workspaces' tables leave the workspace out",
        "agency/database/policies.py",
        (
            ("FOREIGN KEY (workspace_id, {name}) ", "FOREIGN KEY ({name}) "),
            ("{target} (workspace_id, id) {action}", "{target} (id) {action}"),
        ),
        (_ISOLATION + "test_no_row_points_at_a_row_of_the_other_workspace",),
    ),
    hole(
        "who may see a membership may also change it",
        "agency/database/policies.py",
        "CREATE POLICY see ON {table} FOR SELECT TO {APP}",
        "CREATE POLICY see ON {table} TO {APP}",
        _ISOLATION + "test_a_person_changes_and_removes_nothing_of_their_other_workspace",
    ),
    hole(
        "the scope outlives its transaction",
        "agency/scope.py",
        "set_config('app.workspace', %s, true), set_config('app.person', %s, true)",
        "set_config('app.workspace', %s, false), set_config('app.person', %s, false)",
        _ISOLATION + "test_nothing_outlives_the_transaction_on_a_connection_that_is_used_again",
    ),
    hole(
        "a scope inside a scope does not give the outer one back",
        "agency/scope.py",
        "    if outer is not None:\n        _tell_database(outer)",
        "    if outer is None:\n        _tell_database(scope)",
        _ISOLATION + "test_a_scope_inside_a_scope_gives_the_outer_one_back",
    ),
    hole(
        "the guard of unscoped queries is asleep",
        "agency/scope.py",
        "        if found:\n",
        "        if found is None:\n",
        _ISOLATION + "test_outside_a_scope_the_guard_refuses_every_verb",
    ),
    # --- doors
    hole(
        "the door does not ask for the capability",
        "agency/access.py",
        "request.membership is None or not request.membership.as_role.can(capability)",
        "request.membership is None",
        _MATRIX + "test_everybody_is_answered_as_the_table_says",
    ),
    hole(
        "a view has lost its door",
        "agency/views_audit.py",
        "@require_safe\n@requires(Can.VIEW_LOOKS)\n",
        "@require_safe\n",
        "tests/architecture/test_addresses.py::test_every_address_declares_who_may_open_it",
    ),
    hole(
        "the export of the audit log asks for less than the page",
        "agency/views_audit.py",
        "@requires(Can.VIEW_AUDIT)\ndef audit_export",
        "@requires(Can.VIEW_LOOKS)\ndef audit_export",
        _MATRIX + "test_everybody_is_answered_as_the_table_says",
    ),
    hole(
        "the filter of what creators see is inverted",
        "integrations/models/connections.py",
        "if membership.as_role is Role.CREATOR else rows\n\n    def live",
        "if membership.as_role is not Role.CREATOR else rows\n\n    def live",
        _MATRIX + "test_a_creator_finds_the_accounts_of_others_no_more_than_absent_ones",
    ),
    hole(
        "access that has run out still counts",
        "agency/models.py",
        "holds = models.Q(ends_at=None) | models.Q(ends_at__gt=clock.now())",
        "holds = models.Q()",
        _MANAGE + "test_a_grant_that_has_run_out_stops_at_once",
    ),
    hole(
        "ending access leaves the sessions",
        "agency/actions.py",
        '        sessions.end_all(held.person)\n        audit.record("membership.ended"',
        '        audit.record("membership.ended"',
        _MANAGE + "test_ending_access_signs_out_everywhere_at_once",
    ),
    hole(
        "anybody who invites may invite anybody",
        "agency/actions.py",
        'if role not in INVITES.get(by.as_role, ()):\n        raise NotAllowed(f"As {by.as_role.label} you cannot invite a',
        'if role not in tuple(Role):\n        raise NotAllowed(f"As {by.as_role.label} you cannot invite a',
        _INVITE + "test_each_role_invites_whom_it_may_and_nobody_else",
    ),
    hole(
        "an invitation works more than once",
        "agency/actions.py",
        "filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now).update(accepted_at=now)",
        "filter(pk=invitation.pk).update(accepted_at=now)",
        _INVITE + "test_an_invitation_that_ran_out_while_the_form_was_open_is_refused",
    ),
    # --- signing in
    hole(
        "staff of one workspace pass without a second factor in another",
        "agency/middleware.py",
        "if not any(m.as_role.is_staff for m in request.memberships)",
        "if not all(m.as_role.is_staff for m in request.memberships)",
        _FACTOR + "test_somebody_who_is_staff_in_one_workspace_needs_it_in_the_other_too",
    ),
    hole(
        "a second factor never grows old",
        "agency/middleware.py",
        'if r["method"] == "mfa" and r["at"] > oldest',
        'if r["method"] == "mfa" and oldest',
        _FACTOR + "test_a_second_factor_is_asked_for_again_after_twelve_hours",
    ),
    hole(
        "the seed of one opens for another",
        "agency/adapters.py",
        'row=str(person.pk), generation=0, purpose="second factor"',
        'row="anybody", generation=0, purpose="second factor"',
        _FACTOR + "test_a_seed_that_was_moved_to_somebody_else_does_not_open",
    ),
    Hole(
        "seeds lie in clear",
        "agency/adapters.py",
        (
            ("return seal(data_key(_KEY, create=True), text.encode(), _binding(_whose())).hex()", "return text"),
            ("return unseal(data_key(_KEY), bytes.fromhex(encrypted_text), _binding(person)).decode()", "return encrypted_text"),
        ),
        (_FACTOR + "test_no_seed_lies_in_the_database",),
    ),
    hole(
        "tries of one account do not wait for one another",
        "agency/guessing.py",
        'cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], "big", signed=True)])',
        'cursor.execute("SELECT 1")',
        "tests/agency/test_guessing.py::test_four_processes_at_once_get_five_tries_together",
    ),
    hole(
        "the sixth password is looked at",
        "agency/adapters.py",
        'guess = guessing.begin(str(credentials.get("email", "")))\n        if guess',
        'guess = guessing.begin(str(credentials.get("email", ""))) or guessing.Guess()\n        if guess',
        "tests/agency/test_guessing.py::test_the_sixth_try_is_not_looked_at_even_if_it_is_right",
    ),
    hole(
        "after signing in anybody's address is gone to",
        "agency/adapters.py",
        "return url_has_allowed_host_and_scheme(url, allowed_hosts={settings.APP_HOST}, require_https=settings.APP_IS_HTTPS)",
        "return bool(url)",
        "tests/agency/test_sign_in.py::test_after_signing_in_nobody_is_led_elsewhere",
    ),
    hole(
        "the state of a sign-in with TikTok is not compared",
        "integrations/sign_in.py",
        'if not trip or not hmac.compare_digest(trip["state"], known):',
        "if not trip:",
        "tests/integrations/test_sign_in_with_tiktok.py::test_a_state_works_once_in_its_own_browser_for_ten_minutes",
    ),
    # --- sealing and TikTok
    Hole(
        "sealed values are bound to nothing",
        "agency/sealing.py",
        (
            ("AESGCM(key).encrypt(_ZERO_NONCE, plaintext, binding.as_bytes())", 'AESGCM(key).encrypt(_ZERO_NONCE, plaintext, b"")'),
            ("_opened(data_key, bytes(sealed), binding.as_bytes())", '_opened(data_key, bytes(sealed), b"")'),
        ),
        (_SEALING + "test_every_swapped_field_of_the_binding_is_refused",),
    ),
    hole(
        "the commitment is not checked",
        "agency/sealing.py",
        "if not hmac.compare_digest(commitment, sealed[1 + _SALT_BYTES : _HEAD_BYTES]):",
        "if not commitment:",
        _SEALING + "test_a_ciphertext_that_opens_but_does_not_commit_is_refused",
    ),
    hole(
        "a consent may be used again",
        "integrations/trips.py",
        "filter(pk=request_id, used_at=None, expires_at__gt=now).update(used_at=now)",
        "filter(pk=request_id).update(used_at=now)",
        "tests/integrations/test_return_from_tiktok.py",
    ),
    hole(
        "a callback counts in any browser",
        "integrations/consent.py",
        "if not browser_nonce or not hmac.compare_digest(bytes(request.browser_hash), trips.browser_hash(browser_nonce)):",
        "if request.browser_hash is None:",
        "tests/integrations/test_return_from_tiktok.py",
    ),
    hole(
        "an account that was shown at TikTok counts in any browser",
        "integrations/proofs.py",
        "return bool(browser_nonce) and hmac.compare_digest(bytes(proof.browser_hash), trips.browser_hash(browser_nonce))",
        "return True",
        "tests/privacy/test_return_with_proof.py::test_another_browser_sees_nothing_and_the_right_one_still_finishes",
    ),
    hole(
        "webhooks are believed without their signature",
        "integrations/tiktok/webhooks.py",
        "if not secret or not hmac.compare_digest(expected, given):",
        "if not secret:",
        "tests/integrations/test_receive_webhooks.py::test_what_is_not_signed_by_tiktok_for_us_and_lately_is_refused_without_a_word",
    ),
    hole(
        "two workers renew one token",
        "integrations/refresh.py",
        "        if connection.refresh_state == _STATES.IN_FLIGHT and clock.now() - connection.refresh_started_at < stale_after():\n",
        "        if connection.refresh_state == _STATES.IN_FLIGHT and connection.refresh_started_at is None:\n",
        "tests/integrations/test_refresh_tokens.py::test_a_worker_keeps_away_while_another_is_at_it",
    ),
    hole(
        "disconnecting does not fence off what is under way",
        "integrations/actions.py",
        "    row.generation += 1\n    row.state, row.state_since = Connection.State.DISCONNECTED, now",
        "    row.state, row.state_since = Connection.State.DISCONNECTED, now",
        "tests/integrations/test_disconnect_account.py",
    ),
    # --- traces and outlets
    hole(
        "what staff look at is not on record",
        "agency/access.py",
        "            note_look(request, kwargs, answer)\n",
        "",
        "tests/agency/test_record_looks.py::test_the_object_and_the_week_that_were_looked_at_are_named",
    ),
    hole(
        "the application may change audit rows",
        "agency/database/policies.py",
        "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP}",
        "GRANT UPDATE, DELETE ON {table} TO {APP}",
        "tests/architecture/test_tables.py::test_the_application_adds_to_the_audit_log_and_changes_nothing_in_it",
    ),
    hole(
        "the MAC of an audit row leaves the purpose out",
        "agency/audit.py",
        "row.role, row.purpose, row.facts]",
        "row.role, row.facts]",
        "tests/agency/test_verify_audit.py::test_an_untouched_log_adds_up",
    ),
    hole(
        "log lines show tokens",
        "agency/logs.py",
        "    return _SECRETS.sub(lambda m: f\"{m['name']}=…\" if m[\"name\"] else f\"{m['path'] or ''}…\", text)",
        "    return text",
        "tests/agency/test_trace.py::test_what_looks_like_a_token_is_not_logged",
    ),
    hole(
        "a spreadsheet runs a name",
        "agency/outlets/sheets.py",
        '    return f"\'{text}" if text.startswith(_RUN) else text',
        "    return text",
        "tests/agency/test_show_audit.py::test_a_name_that_a_spreadsheet_would_run_is_text",
    ),
    hole(
        "a line break in a name breaks a header",
        "agency/outlets/mail.py",
        '    value = _NOT_IN_HEADERS.sub(" ", value)\n',
        "    return value\n",
        "tests/agency/test_send_mail.py::test_a_hostile_name_stays_in_its_header",
    ),
)
