;;; check.el --- Drives the server as eglot does  -*- lexical-binding: t -*-

;; Findings, hover, one quick fix, fix-all; writes what it saw as JSON:
;;
;;   emacs --batch -q -l check.el
;;
;; with KLL_SERVER (the command, words separated by tabs), KLL_FILE (the file to open) and KLL_RESULT (where the JSON goes).

;;; Code:

(require 'package)
(package-initialize)
(require 'eglot)
(require 'json)

(defvar kll-wait 60)

(defun kll-until (done)
  "Let the server speak until DONE returns non-nil."
  (let ((end (+ (float-time) kll-wait)))
    (while (and (not (funcall done)) (< (float-time) end))
      (accept-process-output nil 0.1)
      (flymake-start))))

(defun kll-messages ()
  "Return the texts of all findings."
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defun kll-actions (kind)
  "Return the actions of KIND at the first finding."
  (let* ((first (car (flymake-diagnostics)))
         (found (seq-filter #'identity
                            (mapcar (lambda (each) (alist-get 'eglot-lsp-diag (flymake-diagnostic-data each)))
                                    (flymake-diagnostics)))))
    (append
     (jsonrpc-request
      (eglot--current-server-or-lose) :textDocument/codeAction
      (list :textDocument (eglot--TextDocumentIdentifier)
            :range (list :start (eglot--pos-to-lsp-position (flymake-diagnostic-beg first))
                         :end (eglot--pos-to-lsp-position (flymake-diagnostic-beg first)))
            :context (list :diagnostics (apply #'vector found) :only (vector kind)))
      :timeout kll-wait)
     nil)))

(defun kll-apply (action)
  "Apply ACTION as eglot does."
  (let ((whole (if (plist-get action :edit)
                   action
                 (jsonrpc-request (eglot--current-server-or-lose) :codeAction/resolve action :timeout kll-wait))))
    (eglot--apply-workspace-edit (plist-get whole :edit))))

(defun kll-text ()
  "Return the text of the buffer."
  (buffer-substring-no-properties (point-min) (point-max)))

(defun kll-main ()
  "Return what was seen."
  (find-file (getenv "KLL_FILE"))
  (setq-local eglot-server-programs `((python-mode . ,(split-string (getenv "KLL_SERVER") "\t"))))
  (setq eglot-server-programs eglot-server-programs
        eglot-sync-connect kll-wait
        eglot-connect-timeout kll-wait)
  (apply #'eglot (eglot--guess-contact))
  (kll-until #'flymake-diagnostics)
  (let (seen)
    (push (cons 'diagnostics (kll-messages)) seen)
    (let ((hover (jsonrpc-request
                  (eglot--current-server-or-lose) :textDocument/hover
                  (list :textDocument (eglot--TextDocumentIdentifier)
                        :position (eglot--pos-to-lsp-position (flymake-diagnostic-beg (car (flymake-diagnostics)))))
                  :timeout kll-wait)))
      (push (cons 'hover (substring-no-properties
                          (eglot--hover-info (plist-get hover :contents) (plist-get hover :range))))
            seen))
    (let ((quickfixes (kll-actions "quickfix"))
          (before (length (flymake-diagnostics))))
      (push (cons 'quickfixes (mapcar (lambda (each) (plist-get each :title)) quickfixes)) seen)
      (kll-apply (seq-find (lambda (each) (not (string-match-p "Disable" (plist-get each :title)))) quickfixes))
      (push (cons 'after_quickfix (kll-text)) seen)
      (eglot--signal-textDocument/didChange)
      (kll-until (lambda () (/= before (length (flymake-diagnostics))))))
    (push (cons 'diagnostics_after_quickfix (kll-messages)) seen)
    (kll-apply (car (kll-actions "source.fixAll.keras-lambda-lint")))
    (eglot--signal-textDocument/didChange)
    (kll-until (lambda () (null (flymake-diagnostics))))
    (push (cons 'after_fix_all (kll-text)) seen)
    (push (cons 'diagnostics_after_fix_all (or (kll-messages) [])) seen)
    seen))

(let ((seen (condition-case problem (kll-main) (error (list (cons 'problem (error-message-string problem)))))))
  (with-temp-file (getenv "KLL_RESULT")
    (insert (json-encode seen)))
  (kill-emacs 0))

;;; check.el ends here
