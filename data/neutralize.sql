-- A neutralized copy must not reach QuickBooks nor use up the tokens of the original; links and mappings stay.
UPDATE qbo_token
   SET client_id = NULL,
       client_secret_cipher = NULL,
       access_token_cipher = NULL,
       refresh_token_cipher = NULL,
       webhook_verifier_cipher = NULL,
       key_fingerprint = NULL,
       access_expires_at = NULL,
       refresh_expires_at = NULL,
       hard_expires_at = NULL,
       refreshed_at = NULL,
       database_uuid = NULL,
       database_name = NULL,
       base_url = NULL;
DELETE FROM qbo_oauth_state;
UPDATE qbo_backend
   SET state = 'draft',
       state_message = NULL,
       resume_active = FALSE,
       environment = 'sandbox';
