"""Base classes: an Odoo company that is connected to a company of the simulator, and the people who work with it."""

import os
from contextlib import contextmanager
from copy import deepcopy
from unittest.mock import patch

from cryptography.fernet import Fernet
from odoo import api
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import HttpCase, new_test_user

from ..models import qbo_throttle, qbo_token
from .simulator import simulator

KEY = Fernet.generate_key().decode()
MAX_TURNS = 30


class LocalRequests:
    """Lets requests through to the own machine whose time-out has two parts; Odoo's handler can compare only one."""

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        if isinstance(kw.get("timeout"), tuple):
            kw["timeout"] = max(kw["timeout"])
        return super()._request_handler(s, r, **kw)


class QboCommon(LocalRequests, AccountTestInvoicingCommon):
    """A simulated company (``self.realm``) and a backend, connected unless ``connected`` is off.

    Both are made once a class by :meth:`arrange`. Each test finds them as they were then: what it did in Odoo is rolled
    back, and the simulator is taken back too. ``sim_wish`` is what the simulator is asked for; by default a company
    without customers and documents.
    """

    connected = True
    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True}}

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref("qbo_sync.group_admin")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        # What is arranged and looked up; what is tested runs as one of the users below.
        cls.su = cls.env(su=True)
        cls._arranged = None
        cls.simulator = simulator()
        cls.simulator.reset(companies=0)
        cls.su["ir.config_parameter"].set_param("qbo_sync.simulator_url", cls.simulator.url)
        cls.startClassPatcher(patch.dict(os.environ, {"QBO_SYNC_KEY": KEY}))
        # The simulator does not enforce QuickBooks' limits unless told to; waiting for slots would only make the tests
        # slow.
        for name in ("PER_SECOND", "PER_MINUTE", "BATCHES_PER_MINUTE"):
            cls.startClassPatcher(patch.object(qbo_throttle, name, 100_000))
        cls.biller = cls.new_user("biller", "account.group_account_invoice,qbo_sync.group_user")
        cls.bookkeeper = cls.new_user("bookkeeper", "account.group_account_user,qbo_sync.group_approver")
        cls.qbo_admin = cls.new_user(
            "qbo_admin", "account.group_account_manager,base.group_partner_manager,qbo_sync.group_admin")

    @classmethod
    def new_user(cls, login, groups, company=None):
        """Return a new user with exactly these groups, in ``company`` only."""
        company = company or cls.env.company
        return new_test_user(
            cls.env, f"qbo_{login}", groups=groups, company_id=company.id, company_ids=[(6, 0, company.ids)])

    def setUp(self):
        if type(self)._arranged is None:
            type(self)._arranged = self._arrange()
        super().setUp()
        # What is forgotten with the process only: a token that an earlier test found refused is good again.
        qbo_token._refused.clear()
        self.simulator.restore()
        # Objects of QuickBooks are dictionaries, which a test may change.
        vars(self).update({
            name: deepcopy(value) if isinstance(value, (dict, list)) else value
            for name, value in self._arranged.items()})

    def _arrange(self):
        """Return what :meth:`arrange` sets. It runs before the first test's savepoint, so it stays for all tests."""
        before = dict(vars(self))
        # When it fails, the next test begins it anew.
        with self.env.cr.savepoint():
            self.arrange()
        self.simulator.remember()
        return {name: value for name, value in vars(self).items() if name not in before}

    def arrange(self):
        """Make what all tests of the class begin with, once, after ``setUpClass``.

        What it sets on ``self`` each test has too. What has to be undone after a test (patches) belongs to ``setUp``.
        """
        self.realm = self.new_realm(**self.sim_wish)
        self.backend = self.new_backend()
        if self.connected:
            self.connect(self.backend, self.realm)

    # === COMPANIES AND CONNECTIONS === #

    def new_realm(self, **wish):
        """Return the id of a new company of the simulator."""
        return str(self.simulator.company(**wish)["realmId"])

    def new_backend(self, company=None, **values):
        """Return a new backend of the simulator's environment (as superuser), not connected yet."""
        company = company or self.company
        return self.su["qbo.backend"].create({
            "name": f"QuickBooks of {company.name}", "company_id": company.id, "environment": "simulator",
            "responsible_id": self.bookkeeper.id,
            "redirect_uri": "http://localhost:8069/qbo_sync/oauth/callback", **values})

    def connect(self, backend, realm, user=None):
        """Go through the consent page and finish the connection, as the callback does."""
        as_user = backend.with_user(user or self.qbo_admin)
        with self.own_cursors():
            answer = self.simulator.query(self.simulator.consent(as_user.action_connect(), realm))
            as_user._oauth_finish(answer["code"], answer["state"], answer["realmId"])

    def active_backend(self, winner="ask", approval="auto"):
        """Let everything cross both ways without asking, and return the backend."""
        self.backend.policy_ids.write(
            {"direction": "both", "approve_out": approval, "approve_in": approval, "winner": winner})
        return self.backend

    # === SYNC === #

    @contextmanager
    def own_cursors(self):
        """Let cursors that are opened below work on the connection of the test."""
        # What the test did so far is done as if committed.
        self.env.cr.flush()
        if type(self)._registry_patched:
            yield
            self.env.invalidate_all()
        else:
            with self.enter_registry_test_mode():
                yield

    @contextmanager
    def work_env(self, user=None):
        """Yield an environment in a cursor that may commit, as a script or a scheduled action has it."""
        # What a commit would do: marks of changes are appended just before it.
        self.env.cr.flush()
        with self.own_cursors(), self.registry.cursor() as cr:
            yield api.Environment(cr, user.id if user else api.SUPERUSER_ID, {})

    def sync(self, backend=None, user=None, until_done=True):
        """Sync until nothing is left to do, and return the last ``qbo.run``.

        :param until_done: off: one turn only, whatever is left
        """
        backend = backend or self.backend
        with self.work_env(user) as env:
            for _turn in range(MAX_TURNS):
                run_id = env["qbo.backend"].browse(backend.id).sync(description=self._testMethodName)
                env.cr.commit()
                state = env["qbo.run"].browse(run_id).state
                if state != "partial" or not until_done:
                    break
            else:
                self.fail(f"The sync was not done after {MAX_TURNS} turns")
        return self.su["qbo.run"].browse(run_id)

    # === QUICKBOOKS === #

    def qbo(self, entity, realm=None):
        """Return all objects of ``entity`` in the simulated company, ``{id: object}``."""
        found = self.simulator.dump(realm or self.realm, entity=entity)["objects"]
        return {row["Id"]: row for row in found.get(entity, [])}

    def person(self, action, entity, **wish):
        """Act as a person in QuickBooks' own pages, and return the object."""
        return self.simulator.ui(self.realm, action=action, entity=entity, **wish)

    def requests_made(self, since):
        """Return the requests that this test's company got after the simulator's log had ``since`` entries."""
        return [entry for entry in self.simulator.log()[since:] if entry.get("realm") in (self.realm, None)]

    # === EXPECTATIONS === #

    def refusal(self, kind, work):
        """Call ``work``, which must raise ``kind``, and return the sentence that a person would read.

        Unlike ``assertRaises`` it does not roll back, because what was committed in another cursor stays in reality
        too.
        """
        try:
            work()
        except kind as error:
            return str(error.args[0])
        raise self.failureException(f"No {kind.__name__} was raised")


class QboHttpCommon(QboCommon, HttpCase):
    """The same with Odoo's web server: routes and tours."""
