"""The Asterisk modules that the hotline uses, and nothing besides.

Left out on purpose: ``res_pjsip_diversion``. It decodes the number in a Diversion or History-Info header, line breaks
and all, into the AGI header (``agi_rdnis``), where a caller could then write lines of its own.
"""

MODULES = (
    # Dialplan
    "pbx_config", "app_dial", "app_exec", "app_queue", "app_playback", "app_userevent", "app_stack", "app_mixmonitor",
    "app_record", "app_echo", "app_verbose", "app_read", "app_chanspy", "app_senddtmf", "app_playtones",
    "app_confbridge", "app_channelredirect", "app_softhangup",
    "func_callerid", "func_channel", "func_cut", "func_env", "func_global", "func_logic", "func_math", "func_strings",
    "func_timeout", "func_pjsip_contact", "func_pjsip_aor", "func_pjsip_endpoint", "func_volume", "func_devstate",
    "func_hangupcause", "func_rand",
    # Control
    "res_speech", "res_agi", "res_manager_devicestate", "res_clioriginate",
    # SIP
    "chan_pjsip", "res_pjproject", "res_pjsip", "res_pjsip_session", "res_pjsip_sdp_rtp", "res_pjsip_registrar",
    "res_pjsip_authenticator_digest", "res_pjsip_outbound_authenticator_digest", "res_pjsip_caller_id",
    "res_pjsip_dlg_options", "res_pjsip_dtmf_info", "res_pjsip_empty_info",
    "res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user", "res_pjsip_maintenance",
    "res_pjsip_nat", "res_pjsip_pubsub", "res_pjsip_refer", "res_pjsip_rfc3326", "res_pjsip_header_funcs",
    "res_pjsip_transport_websocket", "res_http_websocket",
    "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb",
    # Media
    "res_rtp_asterisk", "res_srtp", "res_crypto", "res_musiconhold", "res_format_attr_opus", "res_timing_timerfd",
    "bridge_simple", "bridge_native_rtp", "bridge_softmix", "bridge_builtin_features", "bridge_holding",
    "chan_bridge_media", "codec_alaw", "codec_ulaw", "codec_a_mu", "codec_opus_open_source", "codec_resample",
    "format_pcm", "format_sln", "format_wav",
    # Records
    "cdr_csv", "res_cdrel_custom", "cel_custom", "app_cdr", "app_celgenuserevent",
)  # fmt: skip
