-- A state as chanplan 0.1 with format 1 wrote it.
BEGIN TRANSACTION;
CREATE TABLE acknowledgement (
    position INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    spent_at TEXT NOT NULL,
    UNIQUE (address, action, reason)
);
INSERT INTO "acknowledgement" VALUES(1,'use_case.newsletter','replace','CH-118','2026-05-01T12:30:15.250000Z');
CREATE TABLE approval (
    position INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    approved_at TEXT NOT NULL
);
INSERT INTO "approval" VALUES(1,'sha256:plan','2026-05-01T12:30:15.250000Z');
CREATE TABLE fingerprint (
    approval INTEGER NOT NULL REFERENCES approval (position),
    fingerprint TEXT NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (approval, fingerprint)
) WITHOUT ROWID;
INSERT INTO "fingerprint" VALUES(1,'sha256:one',0);
INSERT INTO "fingerprint" VALUES(1,'sha256:two',0);
CREATE TABLE intent (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    facts TEXT NOT NULL
);
INSERT INTO "intent" VALUES(1,'intent-1','{"id":"intent-1","kind":"update","address":"use_case.receipts","resource_id":"id-of-use_case.receipts","started_at":"2026-05-01T12:30:15.250000Z","run_id":"run-1","desired":{"address":"use_case.receipts","attributes":{"ses_setup":"ses_setup.acme-mail","name":"Receipts"},"scope":{"provider":"ses","account":"123456789012","region":"us-east-1","alias":"eu"},"references":["ses_setup.acme-mail"],"source":{"file":"chanplan.yaml","line":31,"column":5},"context":{"tenant_name":"acme"}},"prior":{"address":"use_case.receipts","id":"id-of-use_case.receipts","scope":{"provider":"ses","account":"123456789012","region":"us-east-1","alias":"eu"},"attributes":{"ses_setup":"ses_setup.acme-mail"},"facts":{},"context":{},"references":["ses_setup.acme-mail"],"complete":true,"origin":"configuration","created_at":null,"updated_at":null},"changed":["description"],"facts":{"arn":"a"},"fingerprint":"sha256:one","importing":{"id":"acme_receipts","taken_from":["id-of-another"],"owner":"other","missing":["association"]}}','{"arn":"a"}');
CREATE TABLE mention (
    address TEXT NOT NULL,
    resource TEXT NOT NULL REFERENCES resource (address) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (address, resource)
) WITHOUT ROWID;
INSERT INTO "mention" VALUES('ses_setup.acme-mail','use_case.receipts');
CREATE TABLE observation (
    address TEXT PRIMARY KEY,
    gate_on TEXT,
    document TEXT NOT NULL
);
INSERT INTO "observation" VALUES('use_case.receipts','ses_setup.acme-mail','{"address":"use_case.receipts","read_at":"2026-05-01T12:30:15.250000Z","facts":{"dkim_status":"PENDING"},"verdicts":[{"purpose":"spf","type":"TXT","name":"bounce.mail.acme.example","value":"v=spf1 -all","outcome":"conflict","detail":"Two SPF records stand there; remove one.","found":["v=spf1 -all","v=spf1 ?all"],"warnings":["Mail of another sender is at stake."],"checked_at":"2026-05-01T12:30:15.250000Z"}],"dns_checked_at":"2026-05-01T12:30:15.250000Z","gate":{"kind":"dns_verified","on":"ses_setup.acme-mail","state":"pending","since":"2026-05-01T12:30:15.250000Z","deadline":"2026-05-01T12:30:15.250000Z","detail":"Waits for 3 records.","todo":["Publish."]},"deep_at":"2026-05-01T12:30:15.250000Z","differs":["tags","association"]}');
CREATE TABLE resource (
    address TEXT PRIMARY KEY,
    document TEXT NOT NULL
);
INSERT INTO "resource" VALUES('ses_setup.acme-mail','{"address":"ses_setup.acme-mail","id":"6f1c1a52-5d0b-4c0a-9f3e-2b1d7a1f0001","scope":{"provider":"ses","account":"123456789012","region":"us-east-1","alias":"eu"},"attributes":{"tenant_name":"acme","dmarc":{"policy":"none"},"tags":{"team":"gr\u00f8wth"},"n":1.5},"facts":{"tenant_arn":"arn:aws:ses:\u2026","dkim_tokens":["a","b","c"],"nothing":null},"context":{"zone":"example"},"references":[],"complete":false,"origin":"import","created_at":"2026-05-01T12:30:15.250000Z","updated_at":"2026-05-01T12:30:15.250000Z"}');
INSERT INTO "resource" VALUES('use_case.receipts','{"address":"use_case.receipts","id":"id-of-use_case.receipts","scope":{"provider":"ses","account":"123456789012","region":"us-east-1","alias":"eu"},"attributes":{"ses_setup":"ses_setup.acme-mail","name":"Receipts","prevent_destroy":true},"facts":{},"context":{},"references":["ses_setup.acme-mail"],"complete":true,"origin":"configuration","created_at":null,"updated_at":null}');
CREATE TABLE run (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL
);
INSERT INTO "run" VALUES(1,'run-1','{"id":"run-1","command":"apply","holder":"ci@build-7","started_at":"2026-05-01T12:30:15.250000Z","finished_at":null,"digest":"sha256:plan","result":null,"done":0,"failed":0,"waiting":0,"version":null,"waits":[]}');
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    lineage TEXT NOT NULL,
    workspace TEXT,
    serial INTEGER NOT NULL,
    sequence INTEGER NOT NULL
);
INSERT INTO "state" VALUES(1,'9c96200c-c8f6-4190-a3db-5cbead66275d','acme',3,6);
CREATE INDEX mention_by_resource ON mention (resource);
CREATE INDEX observation_by_gate ON observation (gate_on);
CREATE INDEX fingerprint_by_text ON fingerprint (fingerprint);
CREATE INDEX fingerprint_remaining ON fingerprint (approval) WHERE spent = 0;
COMMIT;
PRAGMA application_id = 1667788400;
PRAGMA user_version = 1;
