"""Where passages come from: one loader a source."""
